import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    // One instance of core for `import` and `require`, as outside the test runner.
    server: { deps: { external: [/packages\/(?:core|native|wasi|std)\/dist/] } },
  },
});
