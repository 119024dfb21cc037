import { IpOptions } from './sim-socket.js';

/** The options of TCP, besides those of all sockets. The values are Linux's defaults: net.ipv4.tcp_*. Times in milliseconds. */
export class TcpOptions extends IpOptions {
  keepaliveTime = 7_200_000;
  keepaliveInterval = 75_000;
  keepaliveRetries = 9;
  synRetries = 6;
  userTimeout = -1;
  lingerTime = 60_000;
  /** The largest segment that the program allows, in bytes. 0: the largest that the link takes. */
  mss = 0;
  /** The program set the size of the send buffer, so it no longer grows. */
  sendBufferSet = false;
}
