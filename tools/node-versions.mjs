/**
 * Runs the contract of @sock/native and of @sock/wasi, and a component on @sock/wasi-host, on the other versions of Node in
 * versions.json, with the addon as it is built: Node-API promises that one build works on all of them. Ends with `N passed, N failed, N skipped`.
 *
 *   node tools/node-versions.mjs [VERSION...]
 */
import { nodeProgram } from './node-program.mjs';
import { root, run, versions } from './run.mjs';
import { Tally } from './tally.mjs';

const asked = process.argv.slice(2);
if (asked.includes('--help')) {
  console.log(
    `usage: node tools/node-versions.mjs [VERSION...]   default: ${versions.node.join(' ')}`,
  );
  process.exit();
}
/** Loads the package both ways: with `import` and with `require`. */
const program = (name) => `
  import { createRequire } from 'node:module';
  import { run } from '@sock/conformance';
  import * as backend from '@sock/${name}';
  const required = createRequire(import.meta.url)('@sock/${name}');
  if (required.Socket !== backend.Socket) throw new Error('require gives another Socket');
  if ((backend.hostName ?? 'native') !== 'native') throw new Error(backend.hostReason);
  const totals = await run({ name: '${name}', ...backend }, {
    onResult({ name, outcome, detail }) {
      if (outcome === 'failed') console.error('FAILED  ${name}: ' + name + ': ' + detail);
    },
  });
  const deniesNetwork = process.allowedNodeEnvironmentFlags.has('--allow-net');
  console.log(JSON.stringify({ version: process.version, deniesNetwork, ...totals }));
  process.exit();
`;

/** Prints the exit codes of a Rust program that may use the loopback network, and of one that may not. */
const component = `
  import { run } from '@sock/wasi-host';
  const codes = [];
  for (const rules of [['127.0.0.1:*'], []]) {
    codes.push(
      await run('packages/wasi-host/test/guests/std-net.wasm', {
        policy: { tcp: { connect: rules, listen: rules }, udp: { bind: rules, send: rules } },
        stdout() {},
        stderr() {},
      }),
    );
  }
  console.log(codes.join(' '));
`;

/** Prints what a socket says where Node denies the network. */
const permission = `
  const { Socket } = await import('@sock/native');
  try { new Socket('ipv4', 'stream'); console.log('opened'); }
  catch (error) { console.log(error.code); }
`;

const tally = new Tally();
const isOther = (version) => !process.version.startsWith(`v${version}.`);
for (const version of (asked.length > 0 ? asked : versions.node).filter(isOther)) {
  const name = `Node ${version}`;
  let node;
  try {
    node = nodeProgram(version);
  } catch (error) {
    tally.add('skipped', name, `npm could not install it: ${error.message}`);
    continue;
  }
  console.log(`the contract on ${name}`);
  try {
    const options = { cwd: root, timeout: 120_000, stdio: ['ignore', 'pipe', 'inherit'] };
    let deniesNetwork = false;
    for (const backend of ['native', 'wasi']) {
      const output = run(node, ['--input-type=module', '--eval', program(backend)], options);
      const totals = JSON.parse(output.split('\n').at(-1));
      const { passed, failed, unsupported, skipped } = totals;
      const counts = `${passed} cases passed, ${unsupported} unsupported, ${skipped} skipped, ${failed} failed`;
      console.log(`Node ${totals.version}, @sock/${backend}: ${counts}`);
      tally.passed += passed + unsupported;
      tally.failed += failed;
      tally.skipped += skipped;
      ({ deniesNetwork } = totals);
    }
    const codes = run(node, ['--input-type=module', '--eval', component], options)
      .split('\n')
      .at(-1);
    tally.check(`${name} runs a component`, codes === '0 1', codes);
    if (!deniesNetwork) continue;
    const flags = ['--permission', '--allow-fs-read=*', '--allow-addons', '--input-type=module'];
    const denied = run(node, [...flags, '--eval', permission], options)
      .split('\n')
      .at(-1);
    tally.check(`${name} without --allow-net`, denied === 'ERR_ACCESS_DENIED', denied);
  } catch (error) {
    tally.check(name, false, error.message);
  }
}
tally.finish();
