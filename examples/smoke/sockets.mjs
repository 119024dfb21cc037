/** Checks the examples of each kind of socket through their peers and through the system. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inNamespace, NetworkNamespace } from './namespace.mjs';
import { eventually, example, expect, run, withPrograms } from './program.mjs';

/** The kinds that every Linux has must work. The kernel decides about the others. */
const kinds = async () => {
  const output = await run(example('kinds/kinds.ts'));
  const works = (name, remark = '') => expect(output, new RegExp(`${name} .* works${remark} *│`));
  for (const name of ['TCP', 'UDP', 'unix stream, by path', 'unix stream, abstract']) works(name);
  works('unix datagram, autobind');
  works('unix seqpacket, by path', ', from process \\d+');
  const multipath = '/proc/sys/net/mptcp/enabled';
  if (existsSync(multipath) && readFileSync(multipath, 'utf8') === '1\n') {
    works('Multipath TCP', ', multipath');
  }
};

/** A host, and a router that sends 10.0.2.0/24 back, drops 10.0.4.0/24, and has no other route. */
const ping = () =>
  inNamespace(async (host) => {
    const router = await NetworkNamespace.make(host);
    try {
      NetworkNamespace.join([host, 'eth0', '10.0.1.1/24'], [router, 'eth0', '10.0.1.2/24']);
      host.ip('route', 'add', 'default', 'via', '10.0.1.2');
      router.ip('route', 'add', '10.0.2.0/24', 'via', '10.0.1.1');
      router.ip('route', 'add', 'blackhole', '10.0.4.0/24');
      router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
      const of = (args, ...prefix) =>
        host.command(...prefix, ...example('ping/ping.ts', '-v', '-i', '0.1', ...args.split(' ')));
      const all = /3 packets transmitted, 3 received, 0% packet loss/;
      const times = /rtt min\/avg\/max\/mdev = \d/;
      for (const address of ['127.0.0.1', '::1', '10.0.1.2']) {
        const raw = await run(of(`--raw -c 3 ${address}`));
        expect(raw, /type: raw/);
        expect(raw, new RegExp(`64 bytes from ${address}: icmp_seq=3 ttl=64 time=[\\d.]+ ms`));
        expect(raw, all);
        expect(raw, times);
      }
      const fails = async (args, answer) => expect(await run(of(args), 1), answer);
      await fails('-t 1 -c 1 10.0.2.1', /From 10\.0\.1\.2 icmp_seq=1 Time to live exceeded/);
      await fails('-c 1 10.0.3.1', /From 10\.0\.1\.2 icmp_seq=1 Destination Net Unreachable/);
      await fails('-c 1 -W 0.2 10.0.4.1', /1 packets transmitted, 0 received, 100% packet loss/);
      // Without CAP_NET_RAW it is refused until the system allows this group datagram sockets.
      const unprivileged = ['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw'];
      expect(await run(of('-c 1 127.0.0.1', ...unprivileged), 2), /not permitted: needs a group/);
      host.run('sh', '-c', 'echo 0 0 > /proc/sys/net/ipv4/ping_group_range');
      for (const address of ['127.0.0.1', '::1']) {
        const datagram = await run(of(`-c 3 ${address}`, ...unprivileged));
        expect(datagram, /type: dgram/);
        expect(datagram, all);
        expect(datagram, times);
      }
    } finally {
      router.close();
    }
  });

/** Makes one request on a new connection. */
const request = (port, path) =>
  new Promise((resolve, reject) => {
    http
      .get({ port, path, host: '127.0.0.1', agent: false }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      })
      .on('error', reject);
  });

/** How many sockets a process has open. */
function sockets(pid) {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).filter((fd) => {
    try {
      return readlinkSync(join(directory, fd)).startsWith('socket:');
    } catch {
      // The descriptor was closed in the meantime.
      return false;
    }
  }).length;
}

const fdPassing = () =>
  withPrograms(async (start) => {
    const front = start(example('fd-passing/front.ts', '--port', '0'));
    const [, port] = await front.printed(/127\.0\.0\.1:(\d+)/);
    const workers = new Set();
    const ask = async (count) => {
      workers.clear();
      for (let i = 0; i < count; i++) {
        const [, pid] = /^process (\d+) answers GET \/x/.exec(await request(port, '/x'));
        workers.add(Number(pid));
      }
    };
    await front.printed(/worker \d+ started[^]*worker \d+ started/);
    const before = sockets(front.pid);
    await ask(4);
    expect(workers.size, 2);
    await ask(50);
    await eventually(() => sockets(front.pid) === before);
    const [victim, survivor] = workers;
    process.kill(victim, 'SIGKILL');
    await front.printed(new RegExp(`worker ${victim} ended with SIGKILL\n.*worker \\d+ started`));
    await ask(8);
    expect(workers.size, 2);
    expect(workers.has(survivor) && !workers.has(victim), true);
    await eventually(() => sockets(front.pid) === before);
    await front.interrupt();
  });

const sniffer = () =>
  inNamespace((namespace) =>
    withPrograms(async (start) => {
      const sniff = async (...args) => {
        const program = start(
          namespace.command(...example('sniffer/sniffer.ts', '-i', 'lo', '--incoming', ...args)),
        );
        await program.printed(/listening on lo/);
        return program;
      };
      const send = (port) => {
        const code = `const s = require('dgram').createSocket('udp4'); s.send('12345', ${port}, '127.0.0.1', () => s.close())`;
        namespace.run(process.execPath, '--eval', code);
      };
      const filtered = await sniff('--protocol', 'udp', '--port', '4000', '--host', '127.0.0.1');
      const all = await sniff('--promiscuous');
      // The filter refuses it and answers with an ICMP message.
      send(4001);
      send(4000);
      const udp = (port) =>
        new RegExp(
          `\\d\\d:\\d\\d:\\d\\d\\.\\d{6} lo In  IP 127\\.0\\.0\\.1\\.\\d+ > 127\\.0\\.0\\.1\\.${port}: UDP, length 5\n`,
        );
      await filtered.printed(udp(4000));
      expect(
        await filtered.interrupt(),
        /\n1 packets captured\n1 packets received by filter\n0 packets dropped/,
      );
      await all.printed(udp(4000));
      await all.printed(/IP 127\.0\.0\.1 > 127\.0\.0\.1: ICMP type 3, code 3/);
      const connect = `require('net').connect(4002, '::1').on('error', () => {})`;
      namespace.run(process.execPath, '--eval', connect);
      await all.printed(/IP6 ::1\.\d+ > ::1\.4002: Flags \[S\], seq \d+, win \d+, length 0/);
      await all.printed(/IP6 ::1\.4002 > ::1\.\d+: Flags \[R\.\], seq 0, ack \d+, win 0, length 0/);
      expect(await all.interrupt(), /\d packets captured/);
    }),
  );

const multicastChat = () =>
  inNamespace((namespace) =>
    withPrograms(async (start) => {
      namespace.ip('link', 'add', 'name', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
      namespace.ip('address', 'add', '10.0.0.1/24', 'dev', 'eth0');
      // A link-local address without the duplicate check, so that it is usable at once.
      namespace.ip('address', 'add', 'fe80::1/64', 'dev', 'eth0', 'nodad');
      for (const name of ['eth0', 'eth1']) namespace.ip('link', 'set', name, 'up');
      const join = async (name, group) => {
        const args = ['--interface', 'eth0', '--name', name, '--group', group];
        const command = namespace.command(...example('multicast-chat/chat.ts', ...args));
        const program = start(command, { input: 'pipe' });
        await program.printed(/Ctrl-C leaves/);
        return program;
      };
      for (const group of ['239.255.74.1', 'ff02::4a1']) {
        const [ada, bob] = [await join('Ada', group), await join('Bob', group)];
        ada.write('hello\n');
        await bob.printed(/^Ada \((10\.0\.0\.1|fe80::.*)\): hello$/m);
        bob.write('hi, Ada\n');
        await ada.printed(/^Bob \(.*\): hi, Ada$/m);
        await Promise.all([ada.interrupt(), bob.interrupt()]);
      }
      const wrong = namespace.command(...example('multicast-chat/chat.ts', '--group', '10.0.0.1'));
      expect(await run(wrong, 1), /not the address of a group/);
    }),
  );

/**
 * A simple resolver without any code of ours: it asks for `_http._tcp.local` PTR, from a port of its own, and prints the
 * names that it finds in the answer as text. Before that it sends what a responder has to survive.
 */
const simpleResolver = `
  const socket = require('node:dgram').createSocket('udp4');
  const header = Buffer.from([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const question = Buffer.from('\\x05_http\\x04_tcp\\x05local\\0\\0\\x0c\\0\\x01', 'latin1');
  const send = (bytes) => socket.send(bytes, 5353, '10.0.0.1');
  socket.bind(0, '10.0.0.1', () => {
    send(Buffer.concat([header, Buffer.from([0xc0, 12, 0, 12, 0, 1])])); // a name that points at itself
    send(Buffer.concat([header, Buffer.from([63, 97])])); // a label that is cut off
    send(Buffer.alloc(0));
    send(Buffer.alloc(1400, 0xff));
    send(Buffer.concat([header, question]));
  });
  socket.once('message', (answer) => {
    console.log(answer.readUInt16BE(0), answer.subarray(2, 4).toString('hex'), answer.toString('latin1'));
    socket.close();
  });
`;

const mdns = () =>
  inNamespace((namespace) =>
    withPrograms(async (start) => {
      namespace.ip('link', 'add', 'name', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
      namespace.ip('address', 'add', '10.0.0.1/24', 'dev', 'eth0');
      for (const name of ['eth0', 'eth1']) namespace.ip('link', 'set', name, 'up');
      const program = (file, ...args) =>
        namespace.command(...example(`mdns/${file}`, '--interface', 'eth0', ...args));
      const responder = (name, port) =>
        start(program('responder.ts', '--name', name, '--port', port, '--host', 'box'));
      const shop = responder('Dr. Shop', '8080');
      const other = responder('Other', '8081');
      await Promise.all([shop.printed(/Ctrl-C/), other.printed(/Ctrl-C/)]);
      const resolver = namespace.command(process.execPath, '--eval', simpleResolver);
      expect(await run(resolver), /^7 8400 [^]*(?:Dr\. Shop|Other)[^]*box/);
      const query = program('query.ts', '_http._tcp', '--time', '700');
      const found = await run(query);
      expect(found, /^Dr\\. Shop\._http\._tcp\.local 10\.0\.0\.1:8080$/m);
      expect(found, /^Other\._http\._tcp\.local 10\.0\.0\.1:8081$/m);
      await shop.interrupt();
      expect(await run(query), 'Other._http._tcp.local 10.0.0.1:8081\n');
      await other.interrupt();
      expect(await run(query), '');
    }),
  );

const interfaces = () =>
  inNamespace((namespace) =>
    withPrograms(async (start) => {
      const watch = start(namespace.command(...example('interfaces/interfaces.ts', '--watch')));
      await watch.printed(/1: lo <UP,LOOPBACK,RUNNING> mtu 65536[^]*127\.0\.0\.1\/8/);
      namespace.ip('address', 'add', '10.0.0.9/24', 'dev', 'lo');
      await watch.printed(/addr 1: lo 10\.0\.0\.9\/24/);
      namespace.ip('address', 'add', '2001:db8::9/64', 'dev', 'lo');
      await watch.printed(/addr 1: lo 2001:db8::9\/64/);
      namespace.ip('link', 'add', 'name', 'one', 'type', 'veth', 'peer', 'name', 'other');
      await watch.printed(/link \d+: one <.*> mtu 1500 {2}[\da-f:]{17}/);
      namespace.ip('link', 'delete', 'one');
      await watch.printed(/gone \d+: one/);
      await watch.interrupt();
      const list = await run(namespace.command(...example('interfaces/interfaces.ts', 'lo')));
      const known = JSON.parse(namespace.run('ip', '-json', 'address', 'show', 'dev', 'lo'));
      for (const { local, prefixlen } of known[0].addr_info) {
        expect(list.includes(`    ${local}/${prefixlen}\n`), true);
      }
    }),
  );

const unixDatagram = () =>
  withPrograms(async (start) => {
    const directory = mkdtempSync(join(tmpdir(), 'smoke-'));
    const path = join(directory, 'log');
    try {
      const log = start(example('unix-datagram/log-receiver.ts', path));
      await log.printed(/receiving on/);
      const send = (...args) =>
        start(example('unix-datagram/logger.ts', '--socket', path, ...args));
      const [old, modern] = [
        send('-t', 'disk', '-p', 'daemon.warning', 'nearly', 'full'),
        send('--rfc', '5424', '-p', 'auth.err', 'no entry'),
      ];
      await Promise.all([old.end(), modern.end()]);
      await log.printed(
        new RegExp(`daemon\\.warning disk: nearly full {2}\\(RFC 3164, process ${old.pid} of user`),
      );
      await log.printed(
        new RegExp(`auth\\.err logger: no entry {2}\\(RFC 5424, process ${modern.pid} of user`),
      );
      await log.interrupt();
      expect(await run(example('unix-datagram/logger.ts', '-u', path, 'x'), 1), /no such socket/);

      const service = example('unix-datagram/service.ts');
      const supervisor = start(example('unix-datagram/supervise.ts', ...service));
      const [, pid] = await supervisor.printed(/process (\d+): READY=1/);
      const [, port] = await supervisor.printed(/127\.0\.0\.1:(\d+)/);
      await request(port, '/');
      await supervisor.printed(new RegExp(`process ${pid}: STATUS=1 requests served`));
      expect(
        await supervisor.interrupt(),
        new RegExp(`process ${pid}: STOPPING=1\nservice ended: 0`),
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

const pool = () =>
  withPrograms(async (start) => {
    const program = start(example('moving/pool.ts', '--port', '0', '--workers', '3'));
    const [, port] = await program.printed(/127\.0\.0\.1:(\d+)/);
    const threads = new Set();
    for (let i = 0; i < 30; i++) {
      threads.add(/^thread (\d+) answers GET \/x/.exec(await request(port, '/x'))[1]);
    }
    expect(threads.size, 3);
    await program.interrupt();
  });

const restart = async () => {
  const output = await run(example('moving/restart.ts', '--connections', '500'));
  expect(output, /^[1-9]\d* answers of the old process, [1-9]\d* of the new one$/m);
  expect(output, /^500 connections opened, 0 failed requests$/m);
};

const examples = {
  kinds,
  ping,
  'fd-passing': fdPassing,
  'moving/pool': pool,
  'moving/restart': restart,
  sniffer,
  'multicast-chat': multicastChat,
  mdns,
  interfaces,
  'unix-datagram': unixDatagram,
};

export const socketExamples =
  process.platform === 'linux'
    ? examples
    : Object.fromEntries(Object.keys(examples).map((name) => [name, () => 'skipped: not Linux']));
