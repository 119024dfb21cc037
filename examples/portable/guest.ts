/** The portable program as a component: `run` of the world `program`. */
import { Socket } from '@sock/wasi';
import { program, type SocketClass } from './program.js';

/** What each step did, as JSON. */
export async function run(): Promise<string> {
  try {
    return JSON.stringify(await program(Socket as unknown as SocketClass));
  } catch (error) {
    // A thrown string is the error of the result; anything else would be a trap.
    throw String(error);
  }
}
