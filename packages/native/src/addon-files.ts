/** Where the files of the addon are, and which platform this is. Loads nothing. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentVariable } from './environment.js';

/** The folder of this package. Undefined in a bundle that is no ES module. */
export const packageFolder: string | undefined =
  typeof import.meta.url === 'string'
    ? join(dirname(fileURLToPath(import.meta.url)), '..')
    : undefined;

/** What `Deno` says of itself. `Deno.build` needs no permission. */
interface DenoGlobal {
  readonly Deno?: { readonly build: { readonly target: string } };
}

/** `PT_INTERP` of elf(5): the program header that names the dynamic linker. */
const PT_INTERP = 3;

/**
 * The dynamic linker that a program asks for, from its ELF headers (elf(5)).
 * @returns its path; undefined when the program names none
 */
function dynamicLinker(program: string): string | undefined {
  const file = openSync(program, 'r');
  try {
    const read = (position: number, length: number): DataView => {
      const bytes = new Uint8Array(length);
      return new DataView(bytes.buffer, 0, readSync(file, bytes, 0, length, position));
    };
    const header = read(0, 2048);
    const is64 = header.getUint8(4) === 2;
    const little = header.getUint8(5) === 1;
    const word = (at: number): number =>
      is64 ? Number(header.getBigUint64(at, little)) : header.getUint32(at, little);
    const start = word(is64 ? 32 : 28);
    const size = header.getUint16(is64 ? 54 : 42, little);
    const count = header.getUint16(is64 ? 56 : 44, little);
    for (let at = start; at < start + count * size; at += size) {
      if (header.getUint32(at, little) !== PT_INTERP) continue;
      const text = read(word(at + (is64 ? 8 : 4)), word(at + (is64 ? 32 : 16)) - 1);
      return new TextDecoder().decode(text);
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}

/**
 * Whether this process runs on musl. The program's own headers say so at a tenth of the cost of `process.report`,
 * which is asked when the program cannot be read or was started by naming the dynamic linker.
 */
function isMusl(): boolean {
  const target = (globalThis as DenoGlobal).Deno?.build.target;
  if (target !== undefined) return target.endsWith('-musl');
  try {
    const linker = dynamicLinker(process.execPath);
    if (linker !== undefined) return /\/ld-musl-[^/]*$/.test(linker);
  } catch {
    // The permission model can deny access to the program.
  }
  const report = process.report as
    | (typeof process.report & { excludeNetwork?: boolean })
    | undefined;
  if (report === undefined) return false;
  const { excludeNetwork } = report;
  // Otherwise the report resolves the addresses of all sockets, which can take seconds.
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (excludeNetwork !== undefined) report.excludeNetwork = excludeNetwork;
  return header.glibcVersionRuntime === undefined;
}

/** The platform as the names of the packages have it: `linux-x64-gnu`, `darwin-arm64`, ... */
export function platformName(): string {
  const { platform, arch } = process;
  return platform === 'linux'
    ? `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`
    : `${platform}-${arch}`;
}

/** The version of this package; undefined in a bundle. */
export function packageVersion(): string | undefined {
  if (packageFolder === undefined) return undefined;
  try {
    const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
      name?: string;
      version?: string;
    };
    return manifest.name === '@sock/native' ? manifest.version : undefined;
  } catch {
    return undefined;
  }
}

/** The user's folder. A user of a container may have none. Deno asks for a permission unless `HOME` is set. */
function homeFolder(): string | undefined {
  const home = environmentVariable('HOME');
  if (home !== undefined && home !== '') return home;
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** The folder of the user's caches, as each system has it; undefined where there is none. */
function cacheFolder(): string | undefined {
  const xdg = environmentVariable('XDG_CACHE_HOME');
  if (xdg !== undefined && xdg !== '') return join(xdg, 'sock');
  const local = process.platform === 'win32' ? environmentVariable('LOCALAPPDATA') : undefined;
  if (local !== undefined) return join(local, 'sock');
  const home = homeFolder();
  if (home === undefined) return undefined;
  return join(home, process.platform === 'darwin' ? 'Library/Caches/sock' : '.cache/sock');
}

/** Where `npx @sock/native build` writes: into the package's folder, or into the cache if that is read-only. */
export function buildFiles(): { readonly own?: string; readonly cached?: string } {
  const cache = cacheFolder();
  const version = packageVersion();
  return {
    ...(packageFolder === undefined ? {} : { own: join(packageFolder, 'build/sock.node') }),
    ...(cache === undefined || version === undefined
      ? {}
      : { cached: join(cache, `${version}-${platformName()}`, 'sock.node') }),
  };
}

/**
 * The binary that was compiled here, if there is one. The permission model keeps the cache out: whoever sets the
 * environment would choose the code that runs.
 */
export function compiledFile(): string | undefined {
  const own = packageFolder === undefined ? undefined : join(packageFolder, 'build/sock.node');
  if (own !== undefined && existsSync(own)) return own;
  if (process.permission !== undefined) return undefined;
  const cache = cacheFolder();
  if (cache === undefined || !existsSync(cache)) return undefined;
  const { cached } = buildFiles();
  return cached !== undefined && existsSync(cached) ? cached : undefined;
}
