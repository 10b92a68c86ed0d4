import { defineConfig } from 'vitest/config'

/** They replace modules, move the clock for all of their process, or leave timers of their own. */
const ALONE = [
  'src/cli/keys/**',
  'src/cli/usage/**',
  'src/cluster/**',
  'src/gateway/plan/pursue.property.test.ts',
  'src/policies/concurrency/gate.test.ts',
  'src/providers/mock/simulator.test.ts',
]
/** They start no processes: what they import is read once for all of them, which takes half of their time else. */
const TOGETHER = [
  'src',
  'dashboard/src',
  'test/agents',
  'test/conformance',
  'test/corpus',
  'test/scenarios',
].map((folder) => `${folder}/**/*.test.ts`)

/** They wait, or build, for half a minute each: `npm run test:slow` plays them, so that `npm test` takes five minutes. */
const SLOW = [
  'test/deploy/tarball.test.ts',
  'test/faults/reload-load.test.ts',
  'test/faults/reload-stuck-worker.test.ts',
  'test/site/site.test.ts',
  'test/stores/redis-breakers.test.ts',
]

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Suites that start real gateways wait more than they work, but share two cores with what they start.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: { name: 'together', include: TOGETHER, exclude: ALONE, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          globalSetup: 'test/support/find-chromium.ts',
          include: ['test/**/*.test.ts', ...ALONE.map((path) => path.replace(/\*\*$/, '**/*.test.ts'))],
          exclude: [
            ...TOGETHER.filter((path) => path.startsWith('test/')),
            ...SLOW,
            // The fault table takes minutes and the machine for itself: `npm run faults` plays it.
            ...(process.env['GATEWAY_FAULTS'] ? [] : ['test/faults/rows/**']),
          ],
        },
      },
      ...(process.env['GATEWAY_SLOW']
        ? [{ extends: true as const, test: { name: 'slow', include: SLOW } }]
        : []),
    ],
  },
})
