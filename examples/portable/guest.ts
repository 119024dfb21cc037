/** The portable program as a component: `run` of the world `program`. */
import { Socket } from '@sock/wasi';
import { program, type SocketClass } from './program.js';

/** Returns the result of each step as JSON. */
export async function run(): Promise<string> {
  try {
    return JSON.stringify(await program(Socket as unknown as SocketClass));
  } catch (error) {
    // A thrown string becomes the error of the result. Any other value would trap.
    throw String(error);
  }
}
