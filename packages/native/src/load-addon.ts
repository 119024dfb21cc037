/**
 * Finds and loads the addon: `SOCK_ADDON`, else what was compiled here, else the package of this platform. Nothing is
 * tried in turn: a library for another C library can load and crash later.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledFile, packageFolder, packageVersion, platformName } from './addon-files.js';
import { environmentVariable } from './environment.js';
import packages from './platform-packages.cjs';

// A bundle that is no ES module has no `import.meta.url`. Any absolute path serves for files. The names `require` and
// `createRequire` are left to the line that bundlers are told to begin an ES module with.
const requireFile = nodeModule.createRequire(import.meta.url ?? process.execPath);

/** A failure to load, with the code of what caused it. */
function failure(text: string, cause?: unknown): Error {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return Object.assign(
    new Error(`@sock/native: ${text}`, cause === undefined ? undefined : { cause }),
    { code: code ?? 'MODULE_NOT_FOUND' },
  );
}

/** What `SOCK_ADDON` names: another build, such as the one under sanitizers. */
function chosenFile(): string | undefined {
  const chosen = environmentVariable('SOCK_ADDON');
  if (chosen === undefined || process.permission === undefined) return chosen;
  // Whoever sets the environment would choose the code that runs.
  throw Object.assign(
    new Error('@sock/native: SOCK_ADDON is refused under the permission model (--permission)'),
    { code: 'ERR_ACCESS_DENIED' },
  );
}

const BUILD = '`npx @sock/native build`, which needs a C and a C++ compiler';

/** Why the package of this platform is missing, and the ways out. */
function missing(platform: string, cause: unknown): Error {
  if (!packages.platforms.includes(platform)) {
    return failure(`there is no binary for ${platform}. Compile one with ${BUILD}.`, cause);
  }
  const name = `@sock/native-${platform}`;
  const others = packages.platforms.filter((other) => {
    try {
      requireFile.resolve(`@sock/native-${other}/package.json`);
      return true;
    } catch {
      return false;
    }
  });
  const why =
    others.length > 0
      ? `There is ${others.map((other) => `@sock/native-${other}`).join(', ')} instead: node_modules was installed on another system, or from a lock file of one. Remove node_modules and install again here.`
      : 'Package managers leave it out with --omit=optional (--no-optional), and npm also does when package-lock.json was made on another system (https://github.com/npm/cli/issues/4828).';
  const version = packageVersion();
  const install = `npm install ${name}${version === undefined ? '' : `@${version}`}`;
  return failure(
    `the package ${name} is not installed. ${why} Install it with \`${install}\`, or compile the addon with ${BUILD}.`,
    cause,
  );
}

/** Why a file did not load, and what to do. */
function problemOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'MODULE_NOT_FOUND':
      return 'SOCK_ADDON names a file that does not exist';
    case 'ERR_DLOPEN_DISABLED':
      return 'addons are disabled in this process: run node with --allow-addons, or without --no-addons';
    case 'ERR_ACCESS_DENIED':
      return 'the permission model denies access to the addon: run node with --allow-addons and --allow-fs-read for it';
    default:
      return `the addon does not load on ${process.platform} ${process.arch}, ${process.version}: ${message}`;
  }
}

function loadFile(file: string): unknown {
  try {
    return requireFile(file);
  } catch (cause) {
    throw failure(`${problemOf(cause as NodeJS.ErrnoException)} (${file})`, cause);
  }
}

/** The part of `node:sea` used here (Node 20.12 and later). */
interface SingleExecutable {
  isSea(): boolean;
  getRawAsset(name: string): ArrayBuffer;
}

/**
 * Loads the asset `sock.node` of a single executable application. A system loads libraries from files only, so the
 * asset becomes one, which this function removes at once where the system allows that.
 * @returns undefined when this is no such application, or has no such asset
 */
function loadAsset(): unknown {
  const builtin = (process as { getBuiltinModule?(name: string): unknown }).getBuiltinModule;
  const sea = builtin?.('node:sea') as SingleExecutable | undefined;
  if (sea === undefined || !sea.isSea()) return undefined;
  let asset: ArrayBuffer;
  try {
    asset = sea.getRawAsset('sock.node');
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sock-'));
  const file = join(folder, 'sock.node');
  try {
    writeFileSync(file, new Uint8Array(asset));
    chmodSync(file, 0o500);
    return loadFile(file);
  } finally {
    // Windows keeps a loaded library's file.
    if (process.platform !== 'win32') rmSync(folder, { recursive: true });
  }
}

/**
 * Loads the addon.
 * @throws {Error} that says what is missing, or why it does not load, and the way out
 */
export function loadAddon(): unknown {
  const file = chosenFile() ?? compiledFile();
  if (file !== undefined) return loadFile(file);
  // The `require` of a single executable application, which is no ES module, warns when it is called.
  const asset = packageFolder === undefined ? loadAsset() : undefined;
  if (asset !== undefined) return asset;
  const platform = platformName();
  const { addon, error } = packages.requirePackage(platform);
  if (addon !== undefined) return addon;
  const late = packageFolder === undefined ? undefined : loadAsset();
  if (late !== undefined) return late;
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (error === undefined || code === 'MODULE_NOT_FOUND' || code === 'ERR_UNKNOWN_BUILTIN_MODULE') {
    throw missing(platform, error);
  }
  throw failure(`${problemOf(error as NodeJS.ErrnoException)} (@sock/native-${platform})`, error);
}
