/** @sock/wasi on Node against the contract. */
import { register } from '@sock/conformance';
import * as backend from '@sock/wasi';
import { afterAll, test } from 'vitest';

register({ name: 'wasi', ...backend }, { test, afterAll });
