/**
 * The cases of the contract that need only a JavaScript engine, by subject. The folders follow the
 * sections of socket2's documentation: creation and connection, transfer, options by level, messages; then
 * waiting, asynchronous forms, addresses, kinds of sockets, errors.
 */
import type { Case } from '../case.js';
import { addresses } from './addresses/addresses.js';
import { asyncConnect } from './async/async-connect.js';
import { asyncEndings } from './async/async-endings.js';
import { connectByName } from './async/connect-host.js';
import { asyncTransfer } from './async/async-transfer.js';
import { streams } from './async/streams.js';
import { clone } from './connection/clone.js';
import { connectTimeout } from './connection/connect-timeout.js';
import { connect } from './connection/connect.js';
import { lifecycle } from './connection/lifecycle.js';
import { listenAccept } from './connection/listen-accept.js';
import { rawFd } from './connection/raw-fd.js';
import { shutdown } from './connection/shutdown.js';
import { typeFlags } from './connection/type-flags.js';
import { badInput } from './errors/bad-input.js';
import { errors } from './errors/errors.js';
import { shownValues } from './errors/shown-values.js';
import { support } from './errors/support.js';
import { controlMessages } from './messages/control-messages.js';
import { errorQueue } from './messages/error-queue.js';
import { messageBuilders } from './messages/message-builders.js';
import { unixMessages } from './messages/unix-messages.js';
import { foreignAddresses } from './options/ip/foreign-addresses.js';
import { ipv6 } from './options/ip/ipv6.js';
import { multicast } from './options/ip/multicast.js';
import { packetFields } from './options/ip/packet-fields.js';
import { options } from './options/options.js';
import { filters } from './options/socket/filters.js';
import { lingerTimeouts } from './options/socket/linger-timeouts.js';
import { marks } from './options/socket/marks.js';
import { portSharing } from './options/socket/port-sharing.js';
import { ratesAndRoom } from './options/socket/rates-and-room.js';
import { delay } from './options/tcp/delay.js';
import { handshake } from './options/tcp/handshake.js';
import { keepalive } from './options/tcp/keepalive.js';
import { refusedSegments } from './options/tcp/refused-segments.js';
import { segments } from './options/tcp/segments.js';
import { unanswered } from './options/tcp/unanswered.js';
import { dccp } from './sockets/dccp.js';
import { packetSockets } from './sockets/packet-sockets.js';
import { rawPackets } from './sockets/raw-packets.js';
import { transports } from './sockets/transports.js';
import { unixSockets } from './sockets/unix-sockets.js';
import { batch } from './transfer/batch.js';
import { endpoint } from './transfer/endpoint.js';
import { columns } from './transfer/columns.js';
import { datagram } from './transfer/datagram.js';
import { delivery } from './transfer/delivery.js';
import { outOfBand } from './transfer/out-of-band.js';
import { peek } from './transfer/peek.js';
import { transfer } from './transfer/transfer.js';
import { vectored } from './transfer/vectored.js';
import { sharedDescriptors } from './waiting/shared-descriptors.js';
import { nonblocking } from './waiting/nonblocking.js';
import { poller } from './waiting/poller.js';
import { waiting } from './waiting/waiting.js';

export const cases: readonly Case[] = [
  // Creation and connection
  ...lifecycle,
  ...connect,
  ...connectTimeout,
  ...listenAccept,
  ...shutdown,
  ...clone,
  ...rawFd,
  ...typeFlags,
  // Transfer
  ...transfer,
  ...vectored,
  ...peek,
  ...outOfBand,
  ...datagram,
  ...batch,
  ...columns,
  ...endpoint,
  ...delivery,
  // Waiting
  ...nonblocking,
  ...waiting,
  ...sharedDescriptors,
  ...poller,
  // Asynchronous forms
  ...asyncConnect,
  ...connectByName,
  ...asyncTransfer,
  ...asyncEndings,
  ...streams,
  // Addresses
  ...addresses,
  // Options: those of every level
  ...options,
  // Options of SOL_SOCKET
  ...ratesAndRoom,
  ...lingerTimeouts,
  ...filters,
  ...portSharing,
  ...marks,
  // Options of IPPROTO_IP and IPPROTO_IPV6
  ...ipv6,
  ...multicast,
  ...packetFields,
  ...foreignAddresses,
  // Options of IPPROTO_TCP
  ...keepalive,
  ...delay,
  ...segments,
  ...handshake,
  ...unanswered,
  ...refusedSegments,
  // Messages
  ...messageBuilders,
  ...controlMessages,
  ...errorQueue,
  ...unixMessages,
  // Kinds of sockets
  ...dccp,
  ...rawPackets,
  ...unixSockets,
  ...packetSockets,
  ...transports,
  // Errors
  ...errors,
  ...support,
  ...badInput,
  ...shownValues,
];
