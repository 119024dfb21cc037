import type { Domain, Protocol, Type } from '../constants.js';
import type { Driver } from '../driver.js';
import type { Socket } from '../socket.js';

/** The `Socket` class of any backend. */
export interface ConnectingClass<T extends Socket> {
  new (domain: Domain, type: Type, protocol?: Protocol | null): T;
  readonly driver: Driver;
  readonly prototype: T;
  borrowRawFd(fd: number): T;
}
