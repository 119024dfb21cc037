/** What is to hold of bank and client, whatever the network does. */
import type { Scenario, SearchOptions } from '@sock/sim/search';
import { Ledger, serve, transfer } from './bank.js';

/** Ten transfers of 5: the bank has 50 afterwards. */
export const scenarioWith =
  (makeLedger: () => Ledger): Scenario =>
  async ({ network }) => {
    const bank = network.host('10.0.0.1', { name: 'bank' });
    const client = network.host('10.0.0.2', { name: 'client' });
    const ledger = makeLedger();
    bank.run(() => serve(bank, ledger));
    for (let id = 0; id < 10; id++) await transfer(client, bank.address, id, 5);
    if (ledger.balance !== 50) throw new Error(`the bank has ${ledger.balance}, and not 50`);
  };

/** The network: 20 ms each way, and faults of these kinds. */
export const options: SearchOptions = {
  latency: 20,
  runs: 500,
  faults: {
    hosts: ['bank', 'client'],
    kinds: ['partition', 'drop', 'delay', 'reset', 'refuse'],
    within: 4000,
  },
};

export default scenarioWith(() => new Ledger());
