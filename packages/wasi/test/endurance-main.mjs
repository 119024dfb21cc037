/**
 * The endurance program on a backend of Node, in a process of its own: what the transfer came to, and what a
 * thousand connections leave behind. Prints it as JSON.
 *
 *   node --expose-gc --import tsx packages/wasi/test/endurance-main.mjs native|wasi BYTES
 */
import { callExtension } from '@bytecodealliance/preview2-shim/io-worker';
import { churn, transfer } from './endurance.ts';

const WARM = 100;
const CONNECTIONS = 1000;
const SETTLE = 200;

const [backend = '', bytes = ''] = process.argv.slice(2);
const memories = [];
const { Instance } = WebAssembly;
/** Records the memories of the component, which it does not export. */
WebAssembly.Instance = new Proxy(Instance, {
  construct(target, [module, imports]) {
    const instance = new target(module, imports);
    const { memory } = instance.exports;
    if (memory instanceof WebAssembly.Memory) memories.push(memory);
    return instance;
  },
});

const { Socket } = await import(`@sock/${backend}`);

function measure() {
  globalThis.gc();
  const counts = new URL('./host-counts.mjs', import.meta.url);
  return {
    memory: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
    resident: process.memoryUsage.rss(),
    host: backend === 'wasi' ? callExtension(counts, 'counts', []) : {},
  };
}

/** Makes connections, and waits until everything behind them is closed. */
async function use(count) {
  await churn(Socket, count);
  await new Promise((resolve) => setTimeout(resolve, SETTLE));
  return measure();
}

const transferred = await transfer(Socket, Number(bytes));
const before = await use(WARM);
const after = await use(CONNECTIONS);
console.log(JSON.stringify({ transferred, before, after }));
process.exit();
