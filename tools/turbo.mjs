/** How turbo is started. It uses Node's own modules only: setup.mjs loads it before anything is installed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules/.bin');
export const turbo = join(bin, 'turbo');

export const environment = {
  ...process.env,
  // Turbo runs the packages' scripts with pnpm, which need not be installed on the machine.
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
};

/** Writes what a cached result depends on besides the sources. turbo.json names these files as inputs. */
export function describeMachine() {
  const folder = join(root, '.cache/machine');
  mkdirSync(folder, { recursive: true });
  const { platform, arch, version, getuid } = process;
  writeFileSync(join(folder, 'build'), `${platform} ${arch}\n`);
  writeFileSync(join(folder, 'test'), `${version} ${release()} ${getuid?.()}\n`);
}
