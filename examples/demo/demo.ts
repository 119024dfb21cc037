/**
 * A dual-stack listener serves a real file to real HTTP clients, over IPv4 and IPv6 at once. TypeScript creates the
 * listener, sets its options and accepts the connections.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { heading, table } from '../../tools/terminal.mjs';
import { serveFile } from './http-file-server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const step = (text: string): void => console.log(`\n${heading(text)}`);
const number = (value: number): string => value.toLocaleString('en');

/** The largest file under version control. */
function largestFile(): string {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, maxBuffer: 1 << 26 })
    .toString()
    .split('\0')
    .filter((name) => name !== '')
    .map((name) => join(root, name));
  const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return files.reduce((largest, file) => (size(file) > size(largest) ? file : largest));
}

interface Download {
  readonly client: string;
  readonly bytes: Uint8Array;
}

async function download(url: string): Promise<Download> {
  try {
    const { stdout } = await run('curl', ['-sS', '--fail', '--globoff', '--max-time', '20', url], {
      encoding: 'buffer',
      maxBuffer: 1 << 28,
    });
    return { client: 'curl', bytes: stdout };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const response = await fetch(url);
    return { client: 'fetch', bytes: new Uint8Array(await response.arrayBuffer()) };
  }
}

function optionTable(listener: Socket): string {
  const milliseconds = (value: number | null): string =>
    value === null ? 'null' : `${number(value)} ms`;
  return table(
    ['option', 'method', 'value'],
    [
      ['IPV6_V6ONLY', 'onlyV6()', String(listener.onlyV6())],
      ['SO_REUSEADDR', 'reuseAddress()', String(listener.reuseAddress())],
      ['SO_KEEPALIVE', 'keepalive()', String(listener.keepalive())],
      ['TCP_KEEPIDLE', 'tcpKeepaliveTime()', milliseconds(listener.tcpKeepaliveTime())],
      ['TCP_KEEPINTVL', 'tcpKeepaliveInterval()', milliseconds(listener.tcpKeepaliveInterval())],
      ['TCP_KEEPCNT', 'tcpKeepaliveRetries()', String(listener.tcpKeepaliveRetries())],
      ['TCP_NODELAY', 'nodelay()', String(listener.nodelay())],
      ['SO_RCVBUF', 'recvBufferSize()', `${number(listener.recvBufferSize())} bytes`],
      ['SO_SNDBUF', 'sendBufferSize()', `${number(listener.sendBufferSize())} bytes`],
      ['SO_LINGER', 'linger()', milliseconds(listener.linger())],
      ['IPV6_UNICAST_HOPS', 'unicastHopsV6()', String(listener.unicastHopsV6())],
      ['SO_ERROR', 'takeError()', String(listener.takeError())],
    ],
    ['left', 'left', 'right'],
  );
}

step('1. A listener for IPv6 and IPv4, one system call a method');
using listener = new Socket(Domain.IPV6, Type.STREAM);
listener.setOnlyV6(false);
listener.setReuseAddress(true);
listener.setTcpKeepalive({ time: 30_000, interval: 5_000, retries: 4 });
listener.bind(SockAddr.parse('[::]:0'));
listener.listen(128);
const { port } = listener.localAddr();
console.log(listener);

const path = largestFile();
const file = { name: basename(path), bytes: readFileSync(path) };
step(`2. ${file.name}, ${number(file.bytes.length)} bytes, to two clients at once`);
const stop = new AbortController();
const serving = serveFile(
  listener,
  file,
  (peer, request, sent) => console.log(`${request}  from ${peer}  ${number(sent)} bytes sent`),
  stop.signal,
);
const urls = [`http://127.0.0.1:${port}/${file.name}`, `http://[::1]:${port}/${file.name}`];
const downloads = await Promise.all(urls.map(download));
stop.abort();
await serving;

step('3. What arrived');
const expected = sha256(file.bytes);
const arrivals = downloads.map(({ client, bytes }, index) => {
  const sum = sha256(bytes);
  return {
    same: sum === expected,
    row: [
      client,
      new URL(urls[index] as string).host,
      number(bytes.length),
      `${sum.slice(0, 16)}...`,
      sum === expected ? 'yes' : 'NO',
    ],
  };
});
console.log(
  table(
    ['client', 'address', 'bytes', 'sha256', 'same'],
    arrivals.map(({ row }) => row),
    ['left', 'left', 'right'],
  ),
);

step('4. The options of the listener, read back from the system');
console.log(optionTable(listener));

if (!arrivals.every(({ same }) => same)) {
  console.error('A file arrived changed.');
  process.exitCode = 1;
}
