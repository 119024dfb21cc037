/** The contract, on this backend. */
import { createRequire } from 'node:module';
import { cases, register } from '@sock/conformance';
import { nodeCases, openSockets } from '@sock/conformance/node';
import { MSG, Socket } from '@sock/native';
import { afterAll, test } from 'vitest';

const module = createRequire(import.meta.url).resolve('@sock/native');
const backend = { name: 'native', Socket, MSG, module };
register(backend, {
  test,
  afterAll,
  openSockets,
  cases: [...cases, ...nodeCases(backend)],
});
