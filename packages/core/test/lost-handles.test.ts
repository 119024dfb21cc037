/** What the collector is told of sockets, with a registry that shows it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Domain, Type } from '../src/index.js';
import { ScriptedDriver, socketsOver } from './scripted-driver.js';

class ShownRegistry {
  static made: ShownRegistry[] = [];
  readonly registered: { owner: object; handle: number; token: object | undefined }[] = [];

  constructor(readonly cleanup: (handle: number) => void) {
    ShownRegistry.made.push(this);
  }

  register(owner: object, handle: number, token?: object): void {
    this.registered.push({ owner, handle, token });
  }

  unregister(token: object): void {
    const rest = this.registered.filter((one) => one.token !== token);
    this.registered.splice(0, this.registered.length, ...rest);
  }

  /** Does what the engine does when it has collected an object. */
  collect(owner: object): void {
    const found = this.registered.filter((one) => one.owner === owner);
    this.registered.splice(
      0,
      this.registered.length,
      ...this.registered.filter((one) => one.owner !== owner),
    );
    for (const { handle } of found) this.cleanup(handle);
  }
}

beforeEach(() => {
  ShownRegistry.made = [];
  vi.stubGlobal('FinalizationRegistry', ShownRegistry);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function prepare() {
  const driver = new ScriptedDriver();
  const Socket = socketsOver(driver);
  const open = () => new Socket(Domain.IPV4, Type.STREAM);
  const first = open();
  const registry = ShownRegistry.made[0] as ShownRegistry;
  const handles = () => registry.registered.map(({ handle }) => handle).filter((one) => one >= 0);
  /** The object that only shows when the collector has run. */
  const sign = () => registry.registered.find(({ handle }) => handle < 0)?.owner;
  return { driver, open, first, registry, handles, sign };
}

test('a socket that is closed soon is never registered', () => {
  const { open, first, handles } = prepare();
  first.close();
  for (let i = 0; i < 1000; i++) {
    open().close();
    expect(handles()).toEqual([]);
  }
});

test('all sockets but the 64 youngest are registered, and closing takes them off', () => {
  const { open, first, handles } = prepare();
  const sockets = [first];
  for (let i = 1; i < 200; i++) sockets.push(open());
  expect(handles()).toEqual(sockets.slice(0, 136).map((socket) => socket.asRawFd()));
  for (const socket of sockets) socket.close();
  expect(handles()).toEqual([]);
});

test('a collection has the youngest sockets registered, and the next one closes those that are lost', () => {
  const { driver, open, first, registry, handles, sign } = prepare();
  const second = open();
  expect(handles()).toEqual([]);
  registry.collect(sign() as object);
  expect(handles()).toEqual([first.asRawFd(), second.asRawFd()]);
  // Nothing is to be seen by a further collection until there is another young socket.
  expect(sign()).toBeUndefined();
  const third = open();
  expect(sign()).toBeDefined();

  driver.take();
  const lost = first.asRawFd();
  registry.collect(first);
  expect(driver.calls).toEqual([['close', lost]]);
  second.close();
  third.close();
  expect(handles()).toEqual([]);
});

test('a socket whose descriptor was released is not closed by the collector', () => {
  const { driver, open, first, registry, handles, sign } = prepare();
  first.intoRawFd();
  const second = open();
  registry.collect(sign() as object);
  expect(handles()).toEqual([second.asRawFd()]);
  second.intoRawFd();
  expect(handles()).toEqual([]);
  expect(driver.take()).not.toContain('close');
});
