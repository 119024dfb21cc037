/**
 * Sends much through a C program on this host, and looks after each tenth at what there is: pages of its memory, resources and
 * descriptors of the host, memory of the process. None of them may grow. Ends with `N passed, N failed, N skipped`.
 *
 *   node --import tsx test/endurance.ts [--bytes MIB] [--connections N] [--datagrams N]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Tally } from '../../../tools/tally.mjs';
import { readComponent } from '../src/component/binary.js';
import { compileModules, Linker } from '../src/component/instantiate.js';
import { createScope } from '../src/create-host.js';
import { interfaces, LoaderInterfaces } from '../src/host-interfaces.js';
import { commandLine } from '../src/program/command-line.js';
import { filesystemOf } from '../src/program/filesystem.js';
import { buildGuest } from './guests/build.mjs';

const MIB = 2 ** 20;
/** What the process may have more at the end than after three tenths: garbage that was not collected yet. */
const MEMORY_MAX = 24 * MIB;

interface Sample {
  readonly done: number;
  readonly pages: number;
  readonly resources: number;
  readonly descriptors: number;
  readonly memory: number;
  readonly sums: readonly string[];
}

async function much(what: string, count: number): Promise<{ samples: Sample[]; failed: unknown }> {
  const component = readComponent(readFileSync(buildGuest('endurance')));
  const loopback = ['127.0.0.1'];
  const scope = createScope({
    policy: {
      tcp: { connect: loopback, listen: loopback },
      udp: { bind: loopback, send: loopback },
    },
  });
  const samples: Sample[] = [];
  const stdout = (bytes: Uint8Array): void => {
    const [done, pages, ...sums] = new TextDecoder().decode(bytes).trim().split(' ');
    if (sums.length !== 2) throw new Error(new TextDecoder().decode(bytes));
    globalThis.gc?.();
    samples.push({
      done: Number(done),
      pages: Number(pages),
      resources: scope.count,
      descriptors: readdirSync('/proc/self/fd').length,
      memory: process.memoryUsage().rss,
      sums,
    });
  };
  const definitions = {
    ...interfaces,
    ...commandLine({ args: [what, String(count)], stdout }),
  };
  const files = await filesystemOf(scope, {});
  const modules = await compileModules(component);
  const linker = new Linker(new LoaderInterfaces(scope, definitions, files), modules);
  try {
    const main = linker.instantiate(component).func('wasi:cli/run', 'run') as () => { tag: string };
    const { tag } = main();
    return { samples, failed: tag === 'ok' ? undefined : 'the program failed' };
  } catch (error) {
    return { samples, failed: error };
  } finally {
    scope.closeAll();
  }
}

const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '256' },
    connections: { type: 'string', default: '6000' },
    datagrams: { type: 'string', default: '1000000' },
  },
});
const tally = new Tally();
for (const [what, count] of [
  ['bytes', Number(values.bytes) * MIB],
  ['connections', Number(values.connections)],
  ['datagrams', Number(values.datagrams)],
] as const) {
  const { samples, failed } = await much(what, count);
  tally.check(`${what}: ${count}`, failed === undefined, String(failed ?? 'done'));
  const first = samples[2];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) {
    tally.check(`${what}: is measured`, false);
    continue;
  }
  tally.check(`${what}: all of it`, last.done > count * 0.9, String(last.done));
  for (const name of ['pages', 'resources', 'descriptors'] as const) {
    const list = samples.map((sample) => sample[name]).join(' ');
    tally.check(`${what}: ${name} do not grow`, last[name] <= first[name], list);
  }
  const grown = ((last.memory - first.memory) / MIB).toFixed(1);
  tally.check(
    `${what}: memory does not grow`,
    last.memory - first.memory < MEMORY_MAX,
    `${grown} MiB`,
  );
  const [sent, received] = last.sums;
  tally.check(`${what}: checksums`, sent === received, last.sums.join(' '));
}
tally.finish();
