/** The contract as a component, with which a host is tested. */
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
