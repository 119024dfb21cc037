/** The contract on a simulated host, in virtual time. */
import { cases, register } from '@sock/conformance';
import { Network } from '@sock/sim';
import { afterAll, test } from 'vitest';

const network = new Network({ seed: 1 });
const { Socket, MSG } = network.host('10.0.0.1', { name: 'host', addresses: ['fd00::1'] });

/** Each case runs in virtual time: its waits take none of the real. */
const simulated = Object.assign(
  (name: string, body: () => Promise<void>, timeout?: number) =>
    // oxlint-disable-next-line vitest/valid-title
    test(name, () => network.run(body), timeout),
  { skip: test.skip },
);

register({ name: 'sim', Socket, MSG }, { test: simulated as never, afterAll, cases });
