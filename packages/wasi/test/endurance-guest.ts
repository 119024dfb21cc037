/** The large transfer as a component. */
import { Socket } from '@sock/wasi';
import { type SocketClass, transfer } from './endurance.js';

/** The number of bytes. It is put in when the component is made. */
declare const BYTES: number;

/** The result as JSON. */
export async function run(): Promise<string> {
  return JSON.stringify(await transfer(Socket as unknown as SocketClass, BYTES));
}
