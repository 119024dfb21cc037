/**
 * Compares each row of the option table with the headers of each system: a row that names a system whose
 * headers lack the option would throw there, and one that leaves out a system whose headers have it hides it.
 * Where a header has a name that the system does not support, the row says so in `supportOn`.
 * Ends with `N passed, N failed, N skipped`.
 *
 *   node tools/platforms/option-headers.mjs [TARGET...]   default: one of each system in targets.json
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { options } from '@sock/core';
import { root } from '../run.mjs';
import { Tally } from '../tally.mjs';
import { zig } from './zig.mjs';

const targets = JSON.parse(readFileSync(new URL('targets.json', import.meta.url), 'utf8'));

/** What options.c and windows_options.c include. */
const SOURCE = `#include "system.h"
#ifdef SOCK_SYSTEM_UNIX
#include <netinet/ip.h>
#endif
#include "options_codec.h"
`;

/** The macros that the headers of a target define. */
async function macrosOf({ name, zig: triple }) {
  const folder = join(root, 'build/option-headers');
  mkdirSync(folder, { recursive: true });
  const source = join(folder, `${name}.c`);
  writeFileSync(source, SOURCE);
  const includes = ['include', 'src'].flatMap((part) => ['-I', join(root, 'native/core', part)]);
  const flags = ['-std=c11', '-D_GNU_SOURCE', '-E', '-dM', ...includes];
  const { stdout } = await zig('cc', '-target', triple, ...flags, source);
  return new Set([...stdout.matchAll(/^#define (\w+)/gm)].map(([, macro]) => macro));
}

/** The names by which C code of a system finds a row's option. */
function namesOf({ option, optionOn = {}, optionElse, linuxNumber }, os) {
  if (optionOn[os] !== undefined) return [optionOn[os]];
  return [option, ...(optionElse === undefined ? [] : [optionElse])].filter(
    () => os !== 'linux' || linuxNumber === undefined,
  );
}

/** What is wrong with a row on a target, or undefined. */
function problemOf(row, os, macros) {
  const names = namesOf(row, os);
  // A number in place of a name needs no header.
  if (names.every((name) => /^\d+$/.test(name))) return undefined;
  const isNamed = row.systems === 'all' || row.systems.includes(os);
  const isRefused = row.supportOn?.[os]?.level === 'unsupported';
  const has = names.some((name) => macros.has(name));
  if (isNamed && !isRefused && !has)
    return `it names ${os}, whose headers lack ${names.join(', ')}`;
  if (!isNamed && !isRefused && has)
    return `${os} has ${names.join(', ')}, and it does not name it`;
  return undefined;
}

const asked = process.argv.slice(2);
const seen = new Set();
const chosen = targets.filter(({ name, os, libc }) => {
  if (asked.length > 0) return asked.includes(name);
  const kind = `${os} ${libc}`;
  return !seen.has(kind) && seen.add(kind);
});
const tally = new Tally();
for (const target of chosen) {
  const macros = await macrosOf(target);
  for (const row of options) {
    const problem = problemOf(row, target.os, macros);
    if (problem === undefined) tally.passed += 1;
    else tally.add('failed', `${target.name}: ${row.name}`, problem);
  }
}
tally.finish();
