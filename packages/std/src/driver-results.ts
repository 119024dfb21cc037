/** The results of a driver's calls that a Socket has no method for. */
import { type Driver, SockError } from '@sock/core';

export const isBlocked = (driver: Driver, result: number): boolean =>
  isError(driver, result, 'EAGAIN');

/** Whether a result is the error of a name. A system that lacks the name never has it. */
export const isError = ({ errors }: Driver, result: number, name: string): boolean =>
  result < 0 && result === -(errors[name] ?? 0);

/** @throws {SockError} for a negative result */
export function check({ errors }: Driver, result: number, syscall: string): number {
  if (result >= 0) return result;
  const code = Object.keys(errors).find((name) => errors[name] === -result) ?? 'EIO';
  throw new SockError(code, { errno: result, syscall });
}
