/** The `sock` option of the drop-in modules: what can be done to a socket before bind, connect or listen. */
import { checkSockOptions, type OptionsByName, type SocketOptionKind } from '@sock/core';
import { nativeSocket } from '../native-backend.js';
import { refusal } from './refused-options.js';

/** How {@link SockOptions.happyEyeballs} connects. */
export interface HappyEyeballsOptions {
  /** As in the options of `connectHost`. Default: `autoSelectFamilyAttemptTimeout` of the call, or 250. */
  readonly attemptDelay?: number;
}

/**
 * What is done to a socket before it binds, connects or listens, in the order of the properties.
 *
 * An option has its name in the option table, and takes what its setter takes; a setter of several
 * parameters takes the list of them. A membership takes one such list, or several.
 *
 * @example
 * connect({ port: 5432, sock: { device: 'eth0', tcpKeepalive: { time: 30_000, retries: 3 } } });
 * createSocket({ type: 'udp4', sock: { joinMulticastV4: [['239.1.2.3', '0.0.0.0']] } });
 */
export interface SockOptions extends OptionsByName {
  /** `0`: a close resets the connection; `null`: the system sends what is queued in the background. */
  readonly linger?: 0 | null;
  /**
   * Whether a call that connects tries the addresses of a name in parallel, as `connectHost` does: RFC 8305. Node itself
   * tries one address after the other. It changes nothing for an address or a path. Default: `false` in `connect`;
   * in the agents and in `sockConnector` node's `autoSelectFamily`, which is on unless it was turned off.
   */
  readonly happyEyeballs?: boolean | HappyEyeballsOptions;
}

/**
 * Checks, before anything is opened, that every option can be set on a socket of @sock/native and has
 * an effect in node's object, and that its value is one that the setter takes.
 * @throws as `checkSockOptions` of @sock/core
 */
export function checkOptions(options: SockOptions, kind: SocketOptionKind): void {
  checkSockOptions(options, nativeSocket(), (name, value) => refusal(name, value, kind));
}
