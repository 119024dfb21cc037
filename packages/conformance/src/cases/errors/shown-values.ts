/** What an error, JSON and a clone say of a socket, an address and an option. */
import { SockAddr, SockError, Type } from '@sock/core';
import { equal, fail, ok, throwsCode } from '../../assert.js';
import type { Case } from '../../case.js';

declare const structuredClone: ((value: unknown) => unknown) | undefined;

function failure(call: () => unknown): SockError {
  try {
    call();
  } catch (error) {
    if (error instanceof SockError) return error;
    return fail(`expected a SockError, got ${String(error)}`);
  }
  return fail('expected an error');
}

export const shownValues: readonly Case[] = [
  {
    name: 'the error of an option names the option, its value and the values that are allowed',
    methods: ['setMulticastTtlV4'],
    needs: ['setMulticastTtlV4', 'MSG_ERRQUEUE'],
    run(t) {
      // Linux refuses it on a stream.
      const error = failure(() => t.socket('tcp4').setMulticastTtlV4(5));
      equal(error.code, 'EINVAL');
      equal(error.syscall, 'setsockopt');
      equal(error.option, 'setMulticastTtlV4');
      equal(error.value, 5);
      ok(error.message.startsWith('setsockopt EINVAL: setMulticastTtlV4(5)'), error.message);
    },
  },
  {
    name: 'the error of an option that is text shows the text',
    methods: ['setTcpCongestion'],
    needs: ['setTcpCongestion'],
    run(t) {
      const error = failure(() => t.socket('tcp4').setTcpCongestion('no-such'));
      equal(error.value, 'no-such');
      ok(error.message.includes('setTcpCongestion(no-such)'), error.message);
    },
  },
  {
    name: 'the error of an option that was read names it',
    methods: ['tcpInfo'],
    needs: ['tcpInfo'],
    run(t) {
      const error = failure(() => t.socket('udp4').tcpInfo());
      equal(error.option, 'tcpInfo');
      equal(error.value, undefined);
      ok(error.message.endsWith(': tcpInfo'), error.message);
    },
  },
  {
    name: 'JSON shows a socket and an address as text',
    methods: ['toString'],
    run(t) {
      const socket = t.bound('udp4');
      equal(JSON.stringify({ socket }), JSON.stringify({ socket: String(socket) }));
      const address = SockAddr.ipv4('192.0.2.1', 80);
      equal(JSON.stringify([address]), '["192.0.2.1:80"]');
      ok(JSON.stringify(socket).length < 300, 'a line, not the memory of the driver');
    },
  },
  {
    name: 'a socket and an address cannot be cloned, instead of becoming empty objects',
    methods: [],
    lacks: () => (typeof structuredClone === 'function' ? undefined : 'structuredClone()'),
    run(t) {
      for (const value of [SockAddr.ipv4('192.0.2.1', 80), t.socket('udp4')]) {
        let cloned: unknown;
        try {
          cloned = structuredClone?.(value);
        } catch {
          continue;
        }
        fail(`cloned into ${JSON.stringify(cloned)}`);
      }
    },
  },
  {
    name: 'supports() knows the names of its tables and no others',
    methods: ['supports'],
    run(t) {
      const socket = t.open('ipv4', Type.DGRAM);
      for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', '']) {
        throwsCode('ERR_INVALID_ARG_VALUE', () => socket.supports(name), name);
      }
      equal(socket.supports('recv').level, 'native');
    },
  },
];
