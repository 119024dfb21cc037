/**
 * Bundles a program that uses @sock/native, as docs/installing.md says, and runs the result in a folder from which
 * no package can be found. Ends with `N passed, N failed, N skipped`.
 *
 *   node tools/bundlers.mjs [--help] [NAME...]
 */
import {
  cpSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { platformName } from '../packages/native/dist/addon-files.js';
import { targets } from './platforms/cross-build.mjs';
import { manifestOf } from './platforms/packages.mjs';
import { root, run, versions } from './run.mjs';
import { Tally } from './tally.mjs';

const home = join(root, '.cache/bundlers', Object.values(versions.bundlers).join('-'));
const inTools = (...path) => join(home, 'node_modules', ...path);

/** Installs the bundlers, once. */
function install() {
  if (existsSync(home)) return;
  console.log(`installing ${Object.keys(versions.bundlers).join(', ')} (npm)`);
  const partial = `${home}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, 'package.json'), '{"private":true}');
  const names = Object.entries(versions.bundlers).map(([name, version]) => `${name}@${version}`);
  run('npm', ['install', '--no-audit', '--no-fund', ...names], { cwd: partial });
  renameSync(partial, home);
}

/** Sends a datagram to itself. */
const PROGRAM = `
import { Domain, SockAddr, Socket, Type } from '@sock/native';
const socket = new Socket(Domain.IPV4, Type.DGRAM);
socket.bind(SockAddr.ipv4('127.0.0.1', 0));
socket.sendTo(new TextEncoder().encode('bundled'), socket.localAddr());
const buffer = new Uint8Array(16);
console.log(new TextDecoder().decode(buffer.subarray(0, socket.recv(buffer))));
socket.close();
`;

const work = mkdtempSync(join(tmpdir(), 'sock-bundlers-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const project = join(work, 'project');
const scope = join(project, 'node_modules/@sock');
const platform = platformName();
const binary = join(scope, `native-${platform}`, 'sock.node');

/** A project as a user has it: core, native without a build of its own, and one package of a binary. */
function makeProject() {
  for (const name of ['core', 'native']) {
    for (const part of ['dist', 'package.json']) {
      cpSync(join(root, 'packages', name, part), join(scope, name, part), { recursive: true });
    }
  }
  const target = targets.find(({ name }) => name === platform);
  mkdirSync(dirname(binary), { recursive: true });
  writeFileSync(join(dirname(binary), 'package.json'), JSON.stringify(manifestOf(target)));
  copyFileSync(join(root, 'packages/native/build/sock.node'), binary);
  writeFileSync(join(project, 'package.json'), '{"private":true}');
  writeFileSync(join(project, 'app.mjs'), PROGRAM);
}

const inProject = { cwd: project };
const esbuild = (...args) =>
  run(
    join(root, 'node_modules/.bin/esbuild'),
    ['app.mjs', '--bundle', '--platform=node', '--log-level=error', ...args],
    inProject,
  );
/** Runs an ES module in the project. */
const script = (text) => {
  writeFileSync(join(project, 'script.mjs'), text);
  return run(process.execPath, ['script.mjs'], inProject);
};

/**
 * What bundles the program, by name. Each gets the folder for its output, and returns the command that runs it; that of
 * Vite needs the project's packages.
 */
const bundlers = {
  'esbuild, CommonJS': (out) => {
    esbuild('--format=cjs', '--loader:.node=copy', `--outfile=${out}/app.cjs`);
    return [process.execPath, 'app.cjs'];
  },
  'esbuild, ES module': (out) => {
    const banner =
      "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
    esbuild(
      '--format=esm',
      '--loader:.node=copy',
      `--banner:js=${banner}`,
      `--outfile=${out}/app.mjs`,
    );
    return [process.execPath, 'app.mjs'];
  },
  webpack: (out) => {
    script(`
      import webpack from '${inTools('webpack/lib/index.js')}';
      webpack({
        mode: 'production', target: 'node', entry: './app.mjs',
        output: { path: '${out}', filename: 'app.cjs' },
        module: { rules: [{ test: /\\.node$/, loader: '${inTools('node-loader')}' }] },
      }, (error, stats) => {
        if (error ?? stats.hasErrors()) { console.error(error ?? stats.toString()); process.exit(1); }
      });
    `);
    return [process.execPath, 'app.cjs'];
  },
  'Vite, ssr.noExternal': (out) => {
    script(`
      import { build } from '${inTools('vite/dist/node/index.js')}';
      await build({
        configFile: false, logLevel: 'error',
        ssr: { noExternal: true, external: ['@sock/native'] },
        build: { ssr: 'app.mjs', outDir: '${out}', emptyOutDir: false },
      });
    `);
    // An external package is found from the output, as it is where it runs.
    cpSync(join(project, 'node_modules'), join(out, 'node_modules'), { recursive: true });
    return [process.execPath, 'app.mjs'];
  },
  'Vite, as it is': (out) => {
    script(`
      import { build } from '${inTools('vite/dist/node/index.js')}';
      await build({
        configFile: false, logLevel: 'error',
        build: { ssr: 'app.mjs', outDir: '${out}', emptyOutDir: false },
      });
    `);
    cpSync(join(project, 'node_modules'), join(out, 'node_modules'), { recursive: true });
    return [process.execPath, 'app.mjs'];
  },
  'bun build --compile': (out) => {
    run(
      inTools('.bin/bun'),
      ['build', '--compile', 'app.mjs', '--outfile', join(out, 'app')],
      inProject,
    );
    return [join(out, 'app')];
  },
  "Node's single executable": (out) => {
    esbuild('--format=cjs', '--external:@sock/native-*', `--outfile=${out}/app.cjs`);
    const config = {
      main: 'app.cjs',
      output: 'app.blob',
      disableExperimentalSEAWarning: true,
      assets: { 'sock.node': binary },
    };
    writeFileSync(join(out, 'sea.json'), JSON.stringify(config));
    run(process.execPath, ['--experimental-sea-config', 'sea.json'], { cwd: out });
    copyFileSync(process.execPath, join(out, 'app'));
    const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
    run(inTools('.bin/postject'), ['app', 'NODE_SEA_BLOB', 'app.blob', '--sentinel-fuse', fuse], {
      cwd: out,
    });
    return [join(out, 'app')];
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean' } },
});
if (values.help) {
  console.log(`usage: node tools/bundlers.mjs [NAME...]

Bundles a program that uses @sock/native, and runs the result away from its packages. The bundlers come from npm,
into .cache/bundlers, with the versions of tools/versions.json. Needs a built @sock/native.
Names: ${Object.keys(bundlers).join('; ')}`);
  process.exit();
}
const tally = new Tally();
install();
makeProject();
for (const [name, bundle] of Object.entries(bundlers)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const out = mkdtempSync(join(work, 'out-'));
  try {
    const [command, ...args] = bundle(out);
    // Away from the project: a bundle that still points there fails.
    const moved = `${project}-moved`;
    renameSync(project, moved);
    try {
      const env = { ...process.env, SOCK_ADDON: undefined, XDG_CACHE_HOME: work };
      const said = run(command, args, { cwd: out, env, timeout: 60_000 });
      tally.check(name, said === 'bundled', said);
    } finally {
      renameSync(moved, project);
    }
  } catch (error) {
    tally.add('failed', name, error.message);
  }
}
tally.finish();
