/**
 * Runs the portable program on a backend of Node.
 *
 *   node --import tsx examples/portable/main.ts native
 *   node --import tsx examples/portable/main.ts wasi
 */
import { Command, Argument } from 'commander';
import { program, type SocketClass } from './program.js';

const [backend] = new Command('main.ts')
  .description('One program, on the backend you name.')
  .addArgument(new Argument('<backend>', 'the backend').choices(['native', 'wasi']))
  .parse().args;

const { Socket } = (await import(`@sock/${backend}`)) as { Socket: SocketClass };
for (const { name, result } of await program(Socket)) console.log(`${name}: ${result}`);
