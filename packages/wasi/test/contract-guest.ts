/** The contract as a component: what a host runs to learn how it does. */
import { run as runContract, type Result } from '@sock/conformance';
import { MSG, Socket } from '@sock/wasi';

/** The results of all cases, as JSON. */
export async function run(): Promise<string> {
  const results: Result[] = [];
  await runContract(
    { name: 'wasi', Socket, MSG },
    {
      onResult: ({ name, outcome, detail }) => {
        results.push({ name, outcome, ...(detail === undefined ? {} : { detail }) });
      },
    },
  );
  return JSON.stringify(results);
}
