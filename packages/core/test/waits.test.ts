/** `readable` and `writable`: who is woken, by what, and what is left registered. */
import { describe, expect, test } from 'vitest';
import { Domain, Readiness, Type } from '../src/index.js';
import { errors, ScriptedDriver, socketsOver } from './scripted-driver.js';

const { READABLE, WRITABLE, ERROR, HANGUP } = Readiness;

function setup() {
  const driver = new ScriptedDriver();
  const socket = new (socketsOver(driver))(Domain.IPV4, Type.STREAM);
  driver.take();
  /** What the driver was last asked to watch for. */
  const watched = () => driver.calls.findLast(([name]) => name === 'watch')?.at(-1);
  return { driver, socket, watched };
}

/** Whether a promise is settled by now, without waiting for it. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  const result = await Promise.race([
    promise.catch(() => undefined),
    new Promise((resolve) => setImmediate(resolve, pending)),
  ]);
  return result !== pending;
}

describe('waiting', () => {
  test('ends when the socket is ready', async () => {
    const { driver, socket, watched } = setup();
    const wait = socket.readable();
    expect(watched()).toBe(READABLE);
    expect(await settled(wait)).toBe(false);
    driver.ready?.(READABLE);
    await expect(wait).resolves.toBeUndefined();
  });

  test('readiness wakes only the waits that asked for it', async () => {
    const { driver, socket, watched } = setup();
    const readers = [socket.readable(), socket.readable()];
    const writer = socket.writable();
    expect(watched()).toBe(READABLE | WRITABLE);
    driver.ready?.(WRITABLE);
    await writer;
    expect(await settled(readers[0]!)).toBe(false);
    expect(watched()).toBe(READABLE);
    driver.ready?.(READABLE);
    await Promise.all(readers);
  });

  test('an error wakes everybody', async () => {
    const { driver, socket } = setup();
    const waits = [socket.readable(), socket.writable()];
    driver.ready?.(ERROR);
    await Promise.all(waits);
  });

  test('a hang-up wakes the readers; the writers keep waiting', async () => {
    const { driver, socket, watched } = setup();
    const [reader, writer] = [socket.readable(), socket.writable()];
    driver.ready?.(HANGUP);
    await reader;
    expect(await settled(writer)).toBe(false);
    expect(watched()).toBe(WRITABLE);
    driver.ready?.(WRITABLE);
    await writer;
  });

  test('closing rejects everybody with EBADF and unregisters before the handle goes', async () => {
    const { driver, socket } = setup();
    const waits = [socket.readable(), socket.writable()];
    driver.take();
    socket.close();
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ code: 'EBADF' });
    expect(driver.take()).toEqual(['watch', 'close']);
    await expect(socket.readable()).rejects.toMatchObject({ code: 'EBADF' });
  });

  test('a signal ends one wait with its reason and leaves the others', async () => {
    const { driver, socket, watched } = setup();
    const controller = new AbortController();
    const aborted = socket.readable({ signal: controller.signal });
    const other = socket.writable();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect(watched()).toBe(WRITABLE);
    driver.ready?.(WRITABLE);
    await other;
  });

  test('a signal that was aborted before registers nothing', async () => {
    const { driver, socket } = setup();
    const reason = new Error('enough');
    await expect(socket.readable({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(driver.take()).toEqual([]);
  });

  test('a timeout rejects with ETIMEDOUT and unregisters', async () => {
    const { socket, watched } = setup();
    await expect(socket.readable({ timeout: 5 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      errno: -errors.ETIMEDOUT,
      syscall: 'poll',
    });
    expect(watched()).toBe(0);
  });

  test('a wait that the driver refuses rejects', async () => {
    const { driver, socket } = setup();
    driver.next.set('watch', -errors.EMFILE);
    await expect(socket.readable()).rejects.toMatchObject({ code: 'EMFILE', syscall: 'poll' });
  });

  test('wrong options reject, before any call of the driver', async () => {
    const { driver, socket } = setup();
    const wait = (options: unknown) => socket.readable(options as never);
    await expect(wait(null)).rejects.toThrow(TypeError);
    await expect(wait({ signal: {} })).rejects.toThrow(TypeError);
    await expect(wait({ timeout: '5' })).rejects.toThrow(TypeError);
    await expect(wait({ timeout: 0 })).rejects.toThrow(RangeError);
    expect(driver.take()).toEqual([]);
  });
});
