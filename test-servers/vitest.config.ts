import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@memo/source', 'module', 'node'] } },
  test: { include: ['test/**/*.test.ts'] },
});
