/** The large transfer as a component. */
import { Socket } from '@sock/wasi';
import { type SocketClass, transfer } from './endurance.js';

/** How many; put in when the component is made. */
declare const BYTES: number;

/** What it came to, as JSON. */
export async function run(): Promise<string> {
  return JSON.stringify(await transfer(Socket as unknown as SocketClass, BYTES));
}
