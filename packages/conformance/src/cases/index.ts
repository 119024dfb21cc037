/** Every case of the contract that needs nothing but a JavaScript engine, by subject. */
import type { Case } from '../case.js';
import { addresses } from './addresses/addresses.js';
import { badInput } from './errors/bad-input.js';
import { batch } from './transfer/batch.js';
import { clone } from './connection/clone.js';
import { connectTimeout } from './connection/connect-timeout.js';
import { connect } from './connection/connect.js';
import { controlMessages } from './messages/control-messages.js';
import { datagram } from './transfer/datagram.js';
import { dccp } from './sockets/dccp.js';
import { delay } from './options/tcp/delay.js';
import { errorQueue } from './messages/error-queue.js';
import { delivery } from './transfer/delivery.js';
import { errors } from './errors/errors.js';
import { filters } from './options/socket/filters.js';
import { foreignAddresses } from './options/ip/foreign-addresses.js';
import { handshake } from './options/tcp/handshake.js';
import { ipv6 } from './options/ip/ipv6.js';
import { keepalive } from './options/tcp/keepalive.js';
import { lifecycle } from './connection/lifecycle.js';
import { lingerTimeouts } from './options/socket/linger-timeouts.js';
import { listenAccept } from './connection/listen-accept.js';
import { marks } from './options/socket/marks.js';
import { messageBuilders } from './messages/message-builders.js';
import { multicast } from './options/ip/multicast.js';
import { nonblocking } from './waiting/nonblocking.js';
import { options } from './options/options.js';
import { outOfBand } from './transfer/out-of-band.js';
import { packetFields } from './options/ip/packet-fields.js';
import { packetSockets } from './sockets/packet-sockets.js';
import { peek } from './transfer/peek.js';
import { portSharing } from './options/socket/port-sharing.js';
import { poller } from './waiting/poller.js';
import { ratesAndRoom } from './options/socket/rates-and-room.js';
import { rawFd } from './connection/raw-fd.js';
import { rawPackets } from './sockets/raw-packets.js';
import { refusedSegments } from './options/tcp/refused-segments.js';
import { segments } from './options/tcp/segments.js';
import { shutdown } from './connection/shutdown.js';
import { support } from './errors/support.js';
import { transfer } from './transfer/transfer.js';
import { transports } from './sockets/transports.js';
import { typeFlags } from './connection/type-flags.js';
import { unanswered } from './options/tcp/unanswered.js';
import { unixSockets } from './sockets/unix-sockets.js';
import { unixMessages } from './messages/unix-messages.js';
import { vectored } from './transfer/vectored.js';
import { sharedDescriptors } from './waiting/shared-descriptors.js';
import { waiting } from './waiting/waiting.js';

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
  ...batch,
  ...delivery,
  ...nonblocking,
  ...waiting,
  ...sharedDescriptors,
  ...poller,
  ...shutdown,
  ...clone,
  ...rawFd,
  ...addresses,
  ...typeFlags,
  ...messageBuilders,
  ...options,
  ...keepalive,
  ...delay,
  ...segments,
  ...handshake,
  ...unanswered,
  ...refusedSegments,
  ...ratesAndRoom,
  ...lingerTimeouts,
  ...ipv6,
  ...multicast,
  ...packetFields,
  ...controlMessages,
  ...errorQueue,
  ...unixMessages,
  ...filters,
  ...portSharing,
  ...dccp,
  ...marks,
  ...foreignAddresses,
  ...rawPackets,
  ...unixSockets,
  ...packetSockets,
  ...transports,
  ...errors,
  ...support,
  ...badInput,
];
