/**
 * Apart from the contract, in a process of its own: once V8 of Node 20 has met views that follow a resizable
 * buffer, its optimized code reads a stale length of buffers that are detached later.
 */
import { run } from '@sock/conformance';
import * as native from '@sock/native';
import { expect, test } from 'vitest';
import { resizedBuffers } from '../../conformance/src/cases/errors/resized-buffers.js';

test('views outside a resized buffer are refused', async () => {
  const failures: unknown[] = [];
  const totals = await run(
    { name: 'native', Socket: native.Socket, MSG: native.MSG },
    {
      cases: resizedBuffers,
      onResult: ({ detail }) => detail !== undefined && failures.push(detail),
    },
  );
  expect(failures).toEqual([]);
  expect(totals.passed).toBe(resizedBuffers.length);
});
