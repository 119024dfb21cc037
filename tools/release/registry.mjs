/** A package registry of this process's own: verdaccio on the loopback interface, with a storage that goes with it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { nodeProgram } from '../node-program.mjs';
import { versions } from '../run.mjs';
import { command, start } from './command.mjs';
import { installed, npm } from './npm.mjs';

/** No uplink: a package of ours that was not published here must not come from elsewhere. */
const configuration = (folder) => `
storage: ${join(folder, 'storage')}
auth: { htpasswd: { file: ${join(folder, 'htpasswd')}, max_users: -1 } }
packages: { '**': { access: $all, publish: $all } }
publish: { allow_offline: true }
web: { enable: false }
log: { type: stdout, format: pretty, level: warn }
max_body_size: 100mb
`;

/** A TCP port that nothing uses now. */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function answers(url) {
  try {
    return (await fetch(`${url}-/ping`)).ok;
  } catch {
    return false;
  }
}

/**
 * Starts the registry. It ends with the other commands: `stopCommands`.
 * @param folder for its configuration and storage
 * @returns its address, and `use(folder)`, which makes a project take the packages of ours from it
 */
export async function startRegistry(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), configuration(folder));
  const program = join(
    installed('verdaccio', versions.npm.verdaccio, { overrides: { 'node-fetch': '^2.7.0' } }),
    'bin/verdaccio',
  );
  // It does not run on Node 20.
  const node = nodeProgram('22');
  const others = (await command(...npm('config', 'get', 'registry'))).trim();
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const args = [
      program,
      '--config',
      join(folder, 'config.yaml'),
      '--listen',
      `127.0.0.1:${port}`,
    ];
    const child = start(node, args, { cwd: folder });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    const end = Date.now() + 60_000;
    while (child.exitCode === null && Date.now() < end) {
      if (await answers(url)) {
        const use = (project) => {
          // The scope is ours alone; everything else comes from where npm finds it.
          const lines = [
            `registry=${others}`,
            `@sock:registry=${url}`,
            `//127.0.0.1:${port}/:_authToken=dry-run`,
            'update-notifier=false',
          ];
          writeFileSync(join(project, '.npmrc'), `${lines.join('\n')}\n`);
        };
        return { url, use };
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // Another process may have taken the port in between.
    if (child.exitCode === null) throw new Error(`the registry does not answer:\n${output}`);
  }
  throw new Error('the registry does not start');
}
