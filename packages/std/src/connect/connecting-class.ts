import type { Domain, Driver, Protocol, Socket, Type } from '@sock/core';

/** The `Socket` class of any backend. */
export interface ConnectingClass<T extends Socket> {
  new (domain: Domain, type: Type, protocol?: Protocol | null): T;
  readonly driver: Driver;
  readonly prototype: T;
  borrowRawFd(fd: number): T;
}
