import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@memo/source', 'module', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // Processes are timed here: what runs beside them would be part of what is measured.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
});
