/** A copy of the package as its users have it, in an empty project, without a binary. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const packageRoot = join(import.meta.dirname, '..');

/** Makes the project; its path has a space. @returns the folders of the project and of the package in it */
export function packedCopy(): { readonly project: string; readonly folder: string } {
  const project = mkdtempSync(join(tmpdir(), 'sock packed-'));
  onTestFinished(() => rmSync(project, { recursive: true, force: true }));
  chmodSync(project, 0o755);
  const scope = join(project, 'node_modules/@sock');
  const folder = join(scope, 'native');
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'bin', 'dist', 'scripts/compile.mjs']) {
    cpSync(join(packageRoot, name), join(folder, name), { recursive: true });
  }
  const stage = join(packageRoot, 'scripts/stage-sources.mjs');
  execFileSync(process.execPath, [stage, join(folder, 'native')]);
  cpSync(join(packageRoot, '../core/dist'), join(scope, 'core/dist'), { recursive: true });
  cpSync(join(packageRoot, '../core/package.json'), join(scope, 'core/package.json'));
  return { project, folder };
}

/** Puts a package of a binary beside the copy: the addon that the repository built, or nothing that loads. */
export function addPlatform(project: string, platform: string, addon?: string): string {
  const folder = join(project, 'node_modules/@sock', `native-${platform}`);
  mkdirSync(folder, { recursive: true });
  const manifest = JSON.stringify({ name: `@sock/native-${platform}`, main: 'sock.node' });
  writeFileSync(join(folder, 'package.json'), manifest);
  if (addon !== undefined) symlinkSync(addon, join(folder, 'sock.node'));
  return folder;
}
