/** A test that runs under many seeds, for vitest. */
import { test } from 'vitest';
import { findFailure, type Replay, replay, type Scenario, type SearchOptions } from './search.js';

/** How {@link testNetwork} tries a scenario. */
export interface TestNetworkOptions extends SearchOptions {
  /** Real milliseconds that the test may take; default a minute. */
  readonly timeout?: number;
}

declare const process: { readonly env: Readonly<Record<string, string | undefined>> } | undefined;
declare const console: { log(text: string): void };

/** The run that `npx sock-sim replay` asks for. */
function asked(): Replay | undefined {
  const text = typeof process === 'undefined' ? undefined : process.env['SOCK_SIM_REPLAY'];
  return text === undefined ? undefined : (JSON.parse(text) as Replay);
}

/**
 * A test that runs a scenario under many seeds, with faults, in virtual time. When it fails, the schedule of
 * faults is shrunk, and the error says seed, schedule and trace, and how to replay it.
 * @example
 * testNetwork('every order is taken once', { runs: 1000 }, async ({ network }) => {
 *   const db = network.host('10.0.0.1', { name: 'db' });
 * });
 */
export function testNetwork(name: string, options: TestNetworkOptions, scenario: Scenario): void {
  const { timeout = 60_000, ...search } = options;
  test(
    // oxlint-disable-next-line vitest/valid-title -- it is the caller's
    name,
    async () => {
      const only = asked();
      if (only !== undefined) {
        const { network, failed, error } = await replay(scenario, only, search);
        console.log(network.report(Infinity));
        if (failed) throw error;
        return;
      }
      const failure = await findFailure(scenario, search);
      if (failure !== undefined) throw explained(name, failure.error, failure.report, failure);
    },
    timeout,
  );
}

/** The scenario's own error, with what it takes to see it again. */
function explained(
  name: string,
  error: unknown,
  report: string,
  { seed, faults }: Replay,
): unknown {
  const command = `npx sock-sim replay '${JSON.stringify({ seed, faults })}' -- npx vitest run -t '${name}'`;
  const text = `${report}\nto run it again:\n  ${command}`;
  if (!(error instanceof Error)) return new Error(`${String(error)}\n${text}`, { cause: error });
  try {
    error.message = `${error.message}\n${text}`;
  } catch {
    return new Error(`${error.message}\n${text}`, { cause: error });
  }
  return error;
}
