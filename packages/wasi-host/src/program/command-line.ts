/** wasi:cli: arguments, environment, exit, standard streams. */
import type { InterfaceDefinition } from '../interfaces/define.js';
import type { Scope } from '../sockets/scope.js';
import { type Input, inputOf, type Output, outputOf } from './standard-streams.js';

/** How a command is started. */
export interface ProgramInit {
  /** Arguments, without the program's name. */
  readonly args?: readonly string[];
  /** The first argument, by which a program knows its name. */
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder that the program starts in, by its name in the program. Left out: none. */
  readonly cwd?: string;
  readonly stdin?: Input;
  readonly stdout?: Output;
  readonly stderr?: Output;
}

/** The component asked to end. */
export class Exit extends Error {
  override name = 'Exit';
  constructor(readonly code: number) {
    super(`the component exited with ${code}`);
  }
}

const none = (): undefined => undefined;

export function commandLine({
  args = [],
  name = 'program.wasm',
  env = {},
  cwd,
  stdin = 0,
  stdout = 1,
  stderr = 2,
}: ProgramInit): Readonly<Record<string, InterfaceDefinition>> {
  return {
    'wasi:cli/environment': {
      'get-environment': {
        type: '() -> list<tuple<string, string>>',
        call: () => Object.entries(env),
      },
      'get-arguments': { type: '() -> list<string>', call: () => [name, ...args] },
      'initial-cwd': { type: '() -> option<string>', call: () => cwd },
    },
    'wasi:cli/exit': {
      exit: {
        type: '(result)',
        call(_: Scope, status: { tag: string }) {
          throw new Exit(status.tag === 'ok' ? 0 : 1);
        },
      },
      'exit-with-code': {
        type: '(u8)',
        call(_: Scope, code: number) {
          throw new Exit(code);
        },
      },
    },
    'wasi:cli/stdin': {
      'get-stdin': {
        type: '() -> own<input-stream>',
        call: (scope: Scope) => inputOf(scope, stdin),
      },
    },
    'wasi:cli/stdout': {
      'get-stdout': {
        type: '() -> own<output-stream>',
        call: (scope: Scope) => outputOf(scope, stdout),
      },
    },
    'wasi:cli/stderr': {
      'get-stderr': {
        type: '() -> own<output-stream>',
        call: (scope: Scope) => outputOf(scope, stderr),
      },
    },
    // Nothing is a terminal to a component: what it writes is not to steer the terminal of who runs it.
    'wasi:cli/terminal-input': {},
    'wasi:cli/terminal-output': {},
    'wasi:cli/terminal-stdin': {
      'get-terminal-stdin': { type: '() -> option<own<terminal-input>>', call: none },
    },
    'wasi:cli/terminal-stdout': {
      'get-terminal-stdout': { type: '() -> option<own<terminal-output>>', call: none },
    },
    'wasi:cli/terminal-stderr': {
      'get-terminal-stderr': { type: '() -> option<own<terminal-output>>', call: none },
    },
  };
}
