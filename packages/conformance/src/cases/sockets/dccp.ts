/**
 * DCCP. Linux removed it in 6.16: there the system refuses its sockets, and its options on any other
 * socket, as the rows of the option table document.
 */
import { Domain, type Socket } from '@sock/core';
import { throwsCode } from '../../assert.js';
import type { Backend, Case } from '../../case.js';

// Linux include/linux/net.h, include/uapi/linux/in.h
const [SOCK_DCCP, IPPROTO_DCCP] = [6, 33];
const REFUSED = ['ESOCKTNOSUPPORT', 'EPROTONOSUPPORT'];
const UNKNOWN = ['ENOPROTOOPT', 'ENOTSUP'];

/** Skips the case if the kernel has DCCP: the cases here expect that it does not. */
function lacksRefusal({ Socket: Class }: Backend): string | undefined {
  try {
    new Class(Domain.IPV4, SOCK_DCCP, IPPROTO_DCCP).close();
  } catch {
    return undefined;
  }
  return 'a kernel without DCCP: this one has it';
}

/** Every method with valid arguments. */
const calls: Readonly<Record<string, (socket: Socket) => unknown>> = {
  setDccpService: (socket) => socket.setDccpService(7),
  dccpService: (socket) => socket.dccpService(),
  setDccpCcid: (socket) => socket.setDccpCcid(2),
  dccpTxCcid: (socket) => socket.dccpTxCcid(),
  dccpXxCcid: (socket) => socket.dccpXxCcid(),
  setDccpServerTimewait: (socket) => socket.setDccpServerTimewait(true),
  dccpServerTimewait: (socket) => socket.dccpServerTimewait(),
  setDccpSendCscov: (socket) => socket.setDccpSendCscov(1),
  dccpSendCscov: (socket) => socket.dccpSendCscov(),
  setDccpRecvCscov: (socket) => socket.setDccpRecvCscov(1),
  dccpRecvCscov: (socket) => socket.dccpRecvCscov(),
  setDccpQpolicyTxqlen: (socket) => socket.setDccpQpolicyTxqlen(8),
  dccpQpolicyTxqlen: (socket) => socket.dccpQpolicyTxqlen(),
  dccpAvailableCcids: (socket) => socket.dccpAvailableCcids(),
  dccpCurMps: (socket) => socket.dccpCurMps(),
};

export const dccp: readonly Case[] = [
  {
    name: 'a kernel without DCCP refuses its sockets, of either version of IP',
    methods: ['new'],
    needs: ['setDccpService'],
    lacks: lacksRefusal,
    run(t) {
      for (const domain of [Domain.IPV4, Domain.IPV6]) {
        throwsCode(REFUSED, () => t.open(domain, SOCK_DCCP, IPPROTO_DCCP), domain);
      }
    },
  },
  ...Object.entries(calls).map(([name, call]): Case => ({
    name: `a kernel without DCCP does not know ${name}`,
    methods: [name],
    observes: [name],
    needs: [name],
    lacks: lacksRefusal,
    run(t) {
      const error = throwsCode(UNKNOWN, () => call(t.socket('tcp4')));
      const setter = name.startsWith('set');
      if (error.syscall !== (setter ? 'setsockopt' : 'getsockopt')) throw error;
    },
  })),
];
