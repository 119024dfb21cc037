/** The built package shows its classes by their own names: errors and stack traces quote them. */
import * as sock from '@sock/native';
import { expect, test } from 'vitest';

test('every exported class has the name that it is exported by', () => {
  const classes = Object.entries(sock).filter(
    ([name, value]) => typeof value === 'function' && /^[A-Z]/.test(name),
  ) as [string, new () => unknown][];
  expect(classes.length).toBeGreaterThan(5);
  expect(classes.filter(([name, value]) => value.name !== name)).toEqual([]);
});

test('an error names what it received', () => {
  const socket = new sock.Socket('ipv4', 'dgram');
  const address = sock.SockAddr.parse('127.0.0.1:80');
  const wrong = (): unknown => socket.send(address as unknown as Uint8Array);
  expect(wrong).toThrow(/Received an instance of SockAddr$/);
  socket.close();
});
