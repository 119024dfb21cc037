/** The contract, on this backend. */
import { register } from '@sock/conformance';
import { MSG, Socket } from '@sock/native';
import { afterAll, test } from 'vitest';
import { openSockets } from './descriptors.js';

const backend = { name: 'native', Socket, MSG };
register(backend, { test, afterAll, openSockets: () => openSockets().length });
