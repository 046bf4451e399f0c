import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@memo/source', 'module', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // Most of it waits: for servers, for lifetimes, for other programs.
    maxWorkers: 2,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
    coverage: { include: ['src/**/*.ts'], reporter: ['text', 'json-summary'] },
    // Real servers have to start, and share the machine with everything else.
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
