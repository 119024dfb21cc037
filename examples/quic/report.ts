/** What a run says of itself, as text, and what of it must not be. */
import type { EndReport } from './end.js';
import type { RunInit, RunReport } from './run.js';
import { ECN } from './transport.js';

const number = (value: number): string => value.toLocaleString('en-US');

/** A report for people to read. */
export function describe({ client, server, relay }: RunReport): string {
  const lines = [...describeEnd('client', client), ...describeEnd('server', server)];
  if (relay !== undefined) {
    const { forwarded, marked, lost } = relay;
    lines.push(
      `relay: ${number(forwarded)} datagrams forwarded, ${number(marked)} marked CE, ${number(lost)} lost`,
    );
  }
  return lines.join('\n');
}

function describeEnd(
  name: string,
  { exchange, transport, stack, marks, ...time }: EndReport,
): string[] {
  const { sentMarks: sent, receivedMarks: received } = transport;
  const of = (list: readonly number[]): string =>
    `${number(list[ECN.ect0] as number)} ECT(0), ${number(list[ECN.ce] as number)} CE, ${number(list[ECN.none] as number)} unmarked`;
  const lines = [
    `${name}: sent ${number(exchange.sent)} bytes, SHA-256 ${exchange.sentSha256.slice(0, 16)}`,
    `  received ${number(exchange.received)} bytes, SHA-256 ${exchange.receivedSha256.slice(0, 16)}`,
    `  ${number(transport.sent)} datagrams sent, ${number(transport.received)} received`,
  ];
  if (sent !== undefined && received !== undefined) {
    lines.push(
      `  ${number(transport.runs ?? 0)} runs sent (GSO), ${number(transport.joined ?? 0)} datagrams came joined (GRO), ${number(transport.calls ?? 0)} calls`,
      `  sent with ${of(sent)}`,
      `  received with ${of(received)}`,
      `  ${number(transport.failed ?? 0)} failed, ${number(transport.refused ?? 0)} refused, ${number(transport.waits ?? 0)} waits for room, ${number(transport.drops ?? 0)} dropped by the receive buffer`,
    );
  }
  const ecn = marks.isMarking ? 'the peer confirms the marks' : 'no marks';
  lines.push(
    `  quinn-proto: ${ecn}, slowed down ${number(marks.slowedByCe)} times by CE and ${number(marks.slowedByLoss)} times by loss,`,
    `    ${number(stack.lostPackets)} packets lost, datagrams of ${number(stack.largestDatagram)} bytes`,
    `  ${time.seconds.toFixed(2)} s, ${time.cpuSeconds.toFixed(2)} s of processor time`,
  );
  return lines;
}

/** What contradicts the promise of a DatagramEndpoint or of QUIC. */
export function problems(report: RunReport, init: RunInit): string[] {
  const found: string[] = [];
  const check = (isGood: boolean, text: string): void => {
    if (!isGood) found.push(text);
  };
  const { client, server, relay } = report;
  const isEndpoint = init.transport === 'endpoint';
  // What fills up first: the device's queue, or the socket in front of it.
  const isQueueFull = init.rate > 0 && init.queue < init.sendBuffer;
  const isSocketFull = init.rate > 0 && init.sendBuffer < init.queue;
  const sum = (of: 'refused' | 'waits'): number =>
    (client.transport[of] ?? 0) + (server.transport[of] ?? 0);
  check(!isQueueFull || sum('refused') > 0, 'the queue refused nothing');
  check(!isSocketFull || sum('waits') > 0, 'the sockets always had room');
  for (const [name, end, peer] of [
    ['client', client, server],
    ['server', server, client],
  ] as const) {
    const { exchange, transport, marks, stack } = end;
    check(exchange.received === init.bytes, `the ${name} received ${exchange.received} bytes`);
    const isSame = exchange.receivedSha256 === peer.exchange.sentSha256;
    check(isSame, `the ${name} received other bytes than its peer sent`);
    check(marks.isMarking === isEndpoint, `the ${name} sends marks: ${marks.isMarking}`);
    if (!isEndpoint) continue;
    const sent = transport.sentMarks as readonly number[];
    const received = transport.receivedMarks as readonly number[];
    const pushed = sent.reduce((one, other) => one + other, 0);
    const { refused = 0, failed = 0, runs = 0 } = transport;
    check(
      pushed === transport.sent + refused + failed,
      `the ${name} has datagrams without an outcome`,
    );
    check(runs > 0, `the ${name} sent no run`);
    check(isQueueFull || refused === 0, `the queue refused ${refused} datagrams of the ${name}`);
    // What QUIC was told is what the kernel saw.
    check(received[ECN.ce] === marks.receivedCe, `the ${name}'s stack missed marks`);
    check(received[ECN.ect0] === marks.receivedEct0, `the ${name}'s stack missed marks`);
    check(received[ECN.none] === 0, `${name}: ${received[ECN.none]} datagrams lost their mark`);
    if (init.markOneOf > 0) {
      check((received[ECN.ce] as number) > 0, `the ${name} saw no CE`);
      check(peer.marks.slowedByCe > 0, `the peer of the ${name} ignores its CE counts`);
    } else {
      check(received[ECN.ce] === 0, `the ${name} saw CE that nobody set`);
      check(marks.slowedByCe === 0, `the ${name} slowed down for no CE`);
    }
    if (init.shrinkAfter === 0) {
      check(stack.largestDatagram > 1200, `the ${name} found no path MTU`);
    }
  }
  if (relay !== undefined && isEndpoint) {
    const seen =
      (client.transport.receivedMarks?.[ECN.ce] ?? 0) +
      (server.transport.receivedMarks?.[ECN.ce] ?? 0);
    const missed = relay.marked - seen;
    // Some were marked and then lost, by the relay or by a receive buffer.
    check(
      missed >= 0 && missed <= relay.lost + drops(client) + drops(server),
      `${missed} marks are missing`,
    );
  }
  return found;
}

const drops = ({ transport }: EndReport): number => transport.drops ?? 0;
