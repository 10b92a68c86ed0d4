import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // The fault table takes minutes and the machine for itself: `npm run faults` plays it.
    exclude: process.env['GATEWAY_FAULTS'] ? [] : ['test/faults/rows/**'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Suites that start real gateways share two cores with the servers they start.
    maxWorkers: 2,
  },
})
