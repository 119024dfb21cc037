/** How the addon is found, and what the loader says when it is missing: in a copy of the package without one. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { platformName } from '../src/addon-files.js';
import { addPlatform, packedCopy } from './packed-copy.js';

const here = platformName();
const targets = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../tools/platforms/targets.json'), 'utf8'),
) as { name: string }[];
const other = targets.find(({ name }) => name !== here)?.name as string;
const addon = join(import.meta.dirname, '../build/sock.node');

/** Runs a program in the project that imports the package; `before` runs first. */
function output(
  project: string,
  before = '',
  environment: Readonly<Record<string, string | undefined>> = {},
  uid?: number,
): string {
  const program = `${before};
    import('@sock/native').then(
      ({ Socket }) => { new Socket('ipv4', 'stream').close(); console.log('opened'); },
      (error) => console.log(error.code, error.message),
    );`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: project,
    encoding: 'utf8',
    ...(uid === undefined ? {} : { uid, gid: uid }),
    env: {
      ...process.env,
      SOCK_ADDON: undefined,
      LD_PRELOAD: undefined,
      XDG_CACHE_HOME: join(project, 'cache'),
      ...environment,
    },
  });
  return `${stdout}${stderr}`.trim();
}

test('the package of this platform is used', () => {
  const { project } = packedCopy();
  addPlatform(project, here, addon);
  expect(output(project)).toBe('opened');
});

test('what was compiled into the package comes before the package of the platform', () => {
  const { project, folder } = packedCopy();
  addPlatform(project, here, addon);
  mkdirSync(join(folder, 'build'));
  writeFileSync(join(folder, 'build/sock.node'), 'no library');
  expect(output(project)).toMatch(/^ERR_DLOPEN_FAILED .*native\/build\/sock\.node/s);
});

test('when it is missing: the name, npm/cli#4828, --omit=optional, and both ways out', () => {
  const { project } = packedCopy();
  const said = output(project);
  expect(said).toMatch(
    new RegExp(`^MODULE_NOT_FOUND @sock/native: the package @sock/native-${here} is not`),
  );
  expect(said).toMatch(/--omit=optional.*npm\/cli\/issues\/4828/);
  expect(said).toMatch(new RegExp(`npm install @sock/native-${here}@\\d+\\.\\d+\\.\\d+`));
  expect(said).toMatch(/npx @sock\/native build/);
});

test('when node_modules is of another system, the error names what is there', () => {
  const { project } = packedCopy();
  addPlatform(project, other, addon);
  expect(output(project)).toMatch(
    new RegExp(
      `There is @sock/native-${other} instead: node_modules was installed on another system`,
    ),
  );
});

test('where no binary is published, the error says so and how to compile one', () => {
  const { project } = packedCopy();
  const said = output(project, `Object.defineProperty(process, 'platform', { value: 'sunos' })`);
  expect(said).toMatch(
    /there is no binary for sunos-\w+\. Compile one with `npx @sock\/native build`/,
  );
});

test('a binary that does not load is named, with what the system says', () => {
  const { project } = packedCopy();
  writeFileSync(join(addPlatform(project, here), 'sock.node'), 'no library');
  expect(output(project)).toMatch(
    new RegExp(
      `^ERR_DLOPEN_FAILED .*does not load on ${process.platform}.*@sock/native-${here}`,
      's',
    ),
  );
});

test('a package without its file is reported as missing', () => {
  const { project } = packedCopy();
  rmSync(join(addPlatform(project, here, addon), 'sock.node'));
  expect(output(project)).toMatch(/^MODULE_NOT_FOUND .*is not installed/);
});

test.runIf(process.platform === 'linux')(
  'the C library is that of the report of the process',
  () => {
    const { header } = process.report.getReport() as unknown as {
      header: { glibcVersionRuntime?: string };
    };
    expect(here.endsWith('-musl')).toBe(header.glibcVersionRuntime === undefined);
  },
);

test.runIf(process.platform === 'linux')(
  'where the program is unreadable, the report is asked',
  () => {
    const { project } = packedCopy();
    addPlatform(project, here, addon);
    expect(output(project, `process.execPath = '/nowhere/node'`)).toBe('opened');
  },
);

test.runIf(process.getuid?.() === 0)('a user that the system does not know, without HOME', () => {
  const { project } = packedCopy();
  addPlatform(project, here, addon);
  const environment = { HOME: undefined, XDG_CACHE_HOME: undefined };
  expect(output(project, '', environment, 54_321)).toBe('opened');
});
