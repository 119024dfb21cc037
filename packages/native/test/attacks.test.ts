/** Hostile or careless code in the process itself: nothing breaks, and nothing acts on somebody else's file. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Domain, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';
import * as wasi from '@sock/wasi';
import { describe, expect, test } from 'vitest';

/** Runs a program with an exposed garbage collector. Returns its output. */
function run(program: string): string {
  return execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], {
    encoding: 'utf8',
    cwd: import.meta.dirname ?? process.cwd(),
    timeout: 20_000,
  }).trim();
}

const IMPORTS = `import { Domain, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';
import { readdirSync } from 'node:fs';
import { createHook } from 'node:async_hooks';
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
const collect = async () => { for (let i = 0; i < 5; i++) { gc(); await turn(); } };
const pair = () => Socket.pair(Domain.UNIX, Type.DGRAM);
`;

describe('code that runs inside attach()', () => {
  test('may close the poller: attach fails with EBADF', () => {
    const printed = run(`${IMPORTS}
      const poller = new Poller();
      createHook({ init(_, type) { if (type === 'sock:poller') poller.close(); } }).enable();
      try { poller.attach(() => {}); } catch (error) { console.log(error.code, poller.closed); }
      await turn();
    `);
    expect(printed).toBe('EBADF true');
  });

  test('may attach the poller itself: the outer attach fails with EEXIST, and the inner one works', () => {
    const printed = run(`${IMPORTS}
      const poller = new Poller();
      const [one, other] = pair();
      poller.register(other, 7, Interest.READABLE);
      let depth = 0;
      createHook({ init(_, type) {
        if (type === 'sock:poller' && depth++ === 0) {
          poller.attach((events) => { console.log('event', events.token(0)); poller.close(); });
        }
      } }).enable();
      try { poller.attach(() => console.log('outer')); } catch (error) { console.log(error.code); }
      one.send(Buffer.from('x'));
      await turn();
      // Later pollers work, and the process ends without help.
      const next = new Poller();
      next.attach(() => {});
      next.close();
    `);
    expect(printed.split('\n')).toEqual(['EEXIST', 'event 7']);
  });
});

describe('the life of a poller', () => {
  test('attached, it is alive although nobody holds it: its sockets stay open and events arrive', () => {
    const printed = run(`${IMPORTS}
      const [one, other] = pair();
      (() => {
        const poller = new Poller();
        const [sender, receiver] = pair();
        poller.register(receiver, 1, Interest.READABLE);
        const weakly = new WeakRef(poller);
        poller.attach((events) => { console.log('event', events.token(0)); weakly.deref().close(); });
        setTimeout(() => sender.send(Buffer.from('x')), 300);
      })();
      await collect();
    `);
    expect(printed).toBe('event 1');
  });

  test('dropped, it is closed, and its waker with it', () => {
    const printed = run(`${IMPORTS}
      const count = () => readdirSync('/proc/self/fd').length;
      const before = count();
      (() => { for (let i = 0; i < 200; i++) new Poller().wakerFd(); })();
      await collect();
      console.log(count() - before < 20);
    `);
    expect(printed).toBe('true');
  });

  test('unref() before attach() holds', () => {
    expect(
      run(`${IMPORTS} const poller = new Poller(); poller.unref(); poller.attach(() => {});`),
    ).toBe('');
  });
});

describe('numbers taken for descriptors', () => {
  test('wakeFd() writes to no file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sock-attack-'));
    const file = join(folder, 'file');
    writeFileSync(file, 'untouched');
    const fd = openSync(file, 'r+');
    try {
      expect(() => Poller.wakeFd(fd)).toThrow(expect.objectContaining({ code: 'EBADF' }));
      expect(readFileSync(file, 'utf8')).toBe('untouched');
    } finally {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    }
  });

  test('wakeFd() with the number of a closed waker writes to no socket that has it now', () => {
    const poller = new Poller();
    const stale = poller.wakerFd();
    poller.close();
    const sockets: Socket[] = [];
    while (sockets.every((socket) => socket.asRawFd() !== stale) && sockets.length < 64) {
      sockets.push(...Socket.pair(Domain.UNIX, Type.DGRAM));
    }
    expect(() => Poller.wakeFd(stale)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    for (const socket of sockets) {
      expect(socket.tryRecv(new Uint8Array(16))).toBeUndefined();
      socket.close();
    }
  });

  test('a socket of another backend is refused by name: register, rights, sendfile', () => {
    using foreign = new wasi.Socket(Domain.IPV4, Type.DGRAM);
    using poller = new Poller();
    const [one, other] = Socket.pair(Domain.UNIX, Type.DGRAM);
    const refused = expect.objectContaining({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringContaining('wasi') as string,
    }) as Error;
    const register = (): void =>
      poller.register(foreign as unknown as Socket, 1, Interest.READABLE);
    expect(register).toThrow(refused);
    expect(() =>
      one.sendmsg({ buffers: [], control: [{ kind: 'rights', fds: [foreign] }] }),
    ).toThrow(refused);
    expect(() => one.sendfile(foreign)).toThrow(refused);
    one.close();
    other.close();
  });
});

describe("the driver's memory", () => {
  test('cannot be detached, so no call works with what another left there', () => {
    const { memory } = Socket.driver;
    const { transfer } = memory as ArrayBuffer & { transfer?: () => ArrayBuffer };
    for (const take of [
      () => structuredClone(memory, { transfer: [memory] }),
      () => transfer?.call(memory),
    ]) {
      try {
        // Some engines refuse, others copy.
        take();
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
    expect(memory.byteLength).toBeGreaterThan(0);
    using socket = new Socket(Domain.IPV4, Type.DGRAM);
    socket.bind(SockAddr.ipv4('127.0.0.1', 0));
    expect(socket.localAddr().address).toBe('127.0.0.1');
  });

  test('interfaceIndex of no bytes is no interface', () => {
    const { driver } = Socket;
    expect(driver.interfaceIndex?.(new Uint8Array(0))).toBe(-(driver.errors['ENODEV'] as number));
  });
});
