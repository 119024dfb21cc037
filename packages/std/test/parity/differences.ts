/** The differences between node's objects and ours that are meant, each with its reason. */

export interface Difference {
  readonly object: 'net.Socket' | 'net.Server' | 'dgram.Socket';
  /** The observations that differ. */
  readonly what: RegExp;
  /** Whose: @sock/native, @sock/wasi, or both. */
  readonly whose: RegExp;
  readonly reason: string;
}

const BOTH = /./;
const WASI = /^@sock\/wasi$/;

export const differences: readonly Difference[] = [
  {
    object: 'net.Socket',
    what: /^connecting: local(Address|Port|Family)$/,
    whose: BOTH,
    reason: "the Socket began to connect before it was converted; node's has no descriptor yet",
  },
  {
    object: 'net.Socket',
    what: /^member: (\[.*\]|_writeGeneric)$/,
    whose: BOTH,
    reason: "private state of node's own stream handle, which these objects do not use",
  },
  {
    object: 'net.Socket',
    what: /^connect of a connected stream$/,
    whose: BOTH,
    reason: 'a new connection needs a new Socket: the call throws and says so',
  },
  {
    object: 'net.Socket',
    what: /^resetAndDestroy.*: events of the peer$/,
    whose: WASI,
    reason: 'wasi:sockets 0.2 has no linger, so the connection ends without a reset',
  },
  {
    object: 'net.Socket',
    what: /segments$/,
    whose: WASI,
    reason: 'wasi:sockets 0.2 has no TCP_INFO to count segments',
  },
  {
    object: 'dgram.Socket',
    what: /^(disconnect|disconnect again|send after disconnect)$/,
    whose: WASI,
    reason: 'the host of @sock/wasi cannot dissolve an association: the call throws',
  },
  {
    object: 'dgram.Socket',
    what: /^(setMulticast|setBroadcast|addMembership|dropMembership|addSource|dropSource)/,
    whose: WASI,
    reason: 'wasi:sockets 0.2 has no broadcast and no multicast: the call throws and says so',
  },
  {
    object: 'dgram.Socket',
    what: /^set(Recv|Send)BufferSize\(20000\)$/,
    whose: WASI,
    reason: 'Linux doubles the size that it is given; wasi:sockets returns the size itself',
  },
];
