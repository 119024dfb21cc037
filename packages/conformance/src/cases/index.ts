/** Every case of the contract that needs nothing but a JavaScript engine, by subject. */
import type { Case } from '../case.js';
import { connectTimeout } from './connect-timeout.js';
import { connect } from './connect.js';
import { datagram } from './datagram.js';
import { lifecycle } from './lifecycle.js';
import { listenAccept } from './listen-accept.js';
import { nonblocking } from './nonblocking.js';
import { outOfBand } from './out-of-band.js';
import { peek } from './peek.js';
import { transfer } from './transfer.js';
import { vectored } from './vectored.js';
import { waiting } from './waiting.js';

export const cases: readonly Case[] = [
  ...lifecycle,
  ...connect,
  ...connectTimeout,
  ...listenAccept,
  ...transfer,
  ...vectored,
  ...peek,
  ...outOfBand,
  ...datagram,
  ...nonblocking,
  ...waiting,
];
