/**
 * Flags of `setTimestamping`, to be joined by `|`: which times the system takes, which it reports,
 * and how. linux/net_tstamp.h
 *
 * @see https://www.kernel.org/doc/Documentation/networking/timestamping.rst
 */
export const Timestamping = {
  /** Takes the time at which the device sent a packet. */
  TX_HARDWARE: 1 << 0,
  /** Takes the time at which the kernel gave a packet to the device. */
  TX_SOFTWARE: 1 << 1,
  /** Takes the time at which the device received a packet. */
  RX_HARDWARE: 1 << 2,
  /** Takes the time at which the kernel received a packet. */
  RX_SOFTWARE: 1 << 3,
  /** Reports the times that the kernel took. */
  SOFTWARE: 1 << 4,
  /** Reports the times that the device took. */
  RAW_HARDWARE: 1 << 6,
  /** Counts what is sent: the message in the error queue has the number, as `data`. */
  OPT_ID: 1 << 7,
  /** Takes the time at which a packet entered the queueing discipline. */
  TX_SCHED: 1 << 8,
  /** Takes the time at which a stream's peer acknowledged all of a send. */
  TX_ACK: 1 << 9,
  /** Reports the time of sending together with the packet information of IP. */
  OPT_CMSG: 1 << 10,
  /** Reports the time of sending without the packet itself. */
  OPT_TSONLY: 1 << 11,
} as const;
