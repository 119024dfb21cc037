/** Every case of the contract that needs nothing but a JavaScript engine, by subject. */
import type { Case } from '../case.js';
import { addresses } from './addresses.js';
import { badInput } from './bad-input.js';
import { batch } from './batch.js';
import { clone } from './clone.js';
import { connectTimeout } from './connect-timeout.js';
import { connect } from './connect.js';
import { controlMessages } from './control-messages.js';
import { datagram } from './datagram.js';
import { dccp } from './dccp.js';
import { delay } from './delay.js';
import { errorQueue } from './error-queue.js';
import { delivery } from './delivery.js';
import { errors } from './errors.js';
import { filters } from './filters.js';
import { foreignAddresses } from './foreign-addresses.js';
import { handshake } from './handshake.js';
import { ipv6 } from './ipv6.js';
import { keepalive } from './keepalive.js';
import { lifecycle } from './lifecycle.js';
import { lingerTimeouts } from './linger-timeouts.js';
import { listenAccept } from './listen-accept.js';
import { marks } from './marks.js';
import { messageBuilders } from './message-builders.js';
import { multicast } from './multicast.js';
import { nonblocking } from './nonblocking.js';
import { options } from './options.js';
import { outOfBand } from './out-of-band.js';
import { packetFields } from './packet-fields.js';
import { packetSockets } from './packet-sockets.js';
import { peek } from './peek.js';
import { portSharing } from './port-sharing.js';
import { poller } from './poller.js';
import { ratesAndRoom } from './rates-and-room.js';
import { rawFd } from './raw-fd.js';
import { rawPackets } from './raw-packets.js';
import { refusedSegments } from './refused-segments.js';
import { segments } from './segments.js';
import { sharedDescriptors } from './shared-descriptors.js';
import { shutdown } from './shutdown.js';
import { support } from './support.js';
import { transfer } from './transfer.js';
import { transports } from './transports.js';
import { typeFlags } from './type-flags.js';
import { unanswered } from './unanswered.js';
import { unixSockets } from './unix-sockets.js';
import { unixMessages } from './unix-messages.js';
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
