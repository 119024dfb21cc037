#!/usr/bin/env node
/** The command `npx @sock/native build`: compiles the addon where no binary fits, or where somebody wants that. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildFiles } from '../dist/addon-files.js';
import { BuildError, compile } from '../scripts/compile.mjs';

const USAGE = `usage: npx @sock/native build [--out FILE]

Compiles the addon from the sources in the package, and checks that it loads. @sock/native uses it from then on
instead of a binary from npm. Needs a C and a C++ compiler; downloads nothing.
  --out FILE  writes it there; the variable SOCK_ADDON has to name it then. Default:
              build/sock.node in the folder of the package, or, when that folder is read-only, a folder in
              the user's cache ($XDG_CACHE_HOME/sock or ~/.cache/sock), where @sock/native looks too

CC and CXX name other compilers. CFLAGS, CXXFLAGS and LDFLAGS are added to the flags.`;

/** Whether a file can be written in a folder that may have to be made first. */
function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Loads the file in a process of its own: a library that does not fit can end it. */
function checkLoads(file) {
  const program = 'require(process.argv[1])';
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', program, file], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new BuildError(`${file} does not load: ${signal ?? ''}${stderr}`);
}

async function build(out) {
  const { own, cached } = buildFiles();
  const file = out ?? (isWritable(dirname(own)) ? own : cached);
  if (file === undefined) {
    throw new BuildError(
      `${dirname(own)} is read-only, and this user has no cache: name a file with --out`,
    );
  }
  if (out === undefined && file === cached) {
    console.log(`${dirname(own)} is read-only: the addon goes into the cache`);
  }
  console.log(`compiling ${file}`);
  await compile(file);
  checkLoads(file);
  console.log(
    out === undefined
      ? 'done: @sock/native uses it from now on'
      : `done: @sock/native uses it when SOCK_ADDON is ${file}`,
  );
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, out: { type: 'string' } },
  });
  if (values.help) console.log(USAGE);
  else if (positionals.length === 1 && positionals[0] === 'build') {
    await build(values.out === undefined ? undefined : resolve(values.out));
  } else {
    console.error(USAGE);
    process.exitCode = 2;
  }
} catch (error) {
  const isUsage = error.code?.startsWith('ERR_PARSE_ARGS');
  if (!isUsage && !(error instanceof BuildError) && error.syscall === undefined) throw error;
  console.error(`@sock/native: ${error.message}`);
  process.exitCode = isUsage ? 2 : 1;
}
