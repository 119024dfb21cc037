/**
 * Random programs of the oracle's kind, through @sock/native over the loopback interface and through a simulated
 * host without faults: values and error numbers must agree, step by step.
 */
import { isDeepStrictEqual } from 'node:util';
import { Network } from '@sock/sim';
import fc from 'fast-check';
import { runNative, runOn } from '../../native/oracle/native-side.js';
import { type Operation, sequences } from '../../native/oracle/operations.js';

/** Options of the oracle that a simulated host does not have: they are about control messages and urgent data. */
const LACKS = new Set([
  'outOfBandInline',
  'passcred',
  'pktinfoV4',
  'recvErrV4',
  'recvTtlV4',
  'recvTosV4',
  'recvErrV6',
  'recvPktinfoV6',
  'recvHoplimitV6',
  'recvTclassV6',
]);

/** Whether a simulated host does an operation: it has no control messages, and no folders that may be missing. */
function isSimulated(operation: Operation): boolean {
  switch (operation.op) {
    case 'sendmsg':
    case 'recvmsg':
      return false;
    case 'get':
    case 'set':
      return !LACKS.has(operation.option);
    case 'bind':
      return operation.kind !== 'foreign';
    case 'sendgroup':
      // Whether the loopback interface carries IPv6 multicast is the machine's choice.
      return !operation.group.includes('6') && !operation.group.includes(':');
    default:
      return true;
  }
}

const NODELAY = { option: 'nodelay', level: 6, name: 1 } as const;

/** Nothing is held back: when the kernel's Nagle algorithm sends is a matter of time. */
function withoutDelay(operation: Operation): Operation[] {
  const set = (slot: number): Operation => ({ op: 'set', slot, ...NODELAY, value: 1 });
  if (operation.op === 'accept') return [operation, set(operation.other)];
  if (operation.op === 'new' && operation.type === 'stream')
    return [operation, set(operation.slot)];
  return [operation];
}

/** A step on which they disagree. */
export interface Difference {
  readonly steps: readonly Operation[];
  readonly native: unknown;
  readonly sim: unknown;
}

const host = new Network().host('10.0.0.1', { addresses: ['fd00::1'] });

function differenceOf(steps: readonly Operation[]): Difference | undefined {
  const native = runNative(steps);
  const sim = runOn(host.Socket as never, steps);
  const at = steps.findIndex((_, step) => !isDeepStrictEqual(native[step], sim[step]));
  if (at < 0) return undefined;
  return { steps: steps.slice(0, at + 1), native: native[at], sim: sim[at] };
}

/** What does not come about a second and a third time is the machine's doing. */
function lastingDifference(steps: readonly Operation[]): Difference | undefined {
  let found: Difference | undefined;
  for (let attempt = 0; attempt < 3; attempt++) {
    found = differenceOf(steps);
    if (found === undefined) return undefined;
  }
  return found;
}

/** The same with as few steps as it takes. */
function fewest(difference: Difference): Difference {
  let found = difference;
  for (let at = found.steps.length - 2; at >= 0; at--) {
    const still = lastingDifference(found.steps.toSpliced(at, 1));
    if (still === undefined) continue;
    found = still;
    at = Math.min(at, found.steps.length - 1);
  }
  return found;
}

/** Runs so many programs of a seed; the first on which they disagree, shortened. */
export function compare(seed: number, count: number): Difference | undefined {
  const programs = fc.sample(
    sequences.map((steps) => steps.filter(isSimulated).flatMap(withoutDelay)),
    { seed, numRuns: count },
  );
  for (const steps of programs) {
    const found = lastingDifference(steps);
    if (found !== undefined) return fewest(found);
  }
  return undefined;
}

/** A difference as text. */
export function describeDifference({ steps, native, sim }: Difference): string {
  return [
    `@sock/native ${JSON.stringify(native)}, @sock/sim ${JSON.stringify(sim)}`,
    ...steps.map((step, at) => `  ${at} ${JSON.stringify(step)}`),
  ].join('\n');
}
