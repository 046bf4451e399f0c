import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@memo/source', 'module', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // Each file has a process of its own, so that nobody else's memory is measured. Most of them keep a processor busy.
    maxWorkers: 2,
    // What runs at the same time shares the time of a busy computer.
    testTimeout: 20_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
    coverage: { include: ['src/**/*.ts'], reporter: ['text', 'json-summary'] },
  },
});
