import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@memo/source', 'module', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // The memory of processes is measured here: what runs beside them would be part of what is measured.
    fileParallelism: false,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
    coverage: { include: ['src/**/*.ts'], reporter: ['text', 'json-summary'] },
  },
});
