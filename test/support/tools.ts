import { MemoryCounters } from '../../src/core/counters.ts'
import type { PolicyTools } from '../../src/core/policy.ts'
import { Stores } from '../../src/stores/index.ts'

/** What a policy is built with, but for what a test changes. */
export function makeTools(changes: Partial<PolicyTools> = {}): PolicyTools {
  return {
    route: { name: 'r', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } },
    counters: new MemoryCounters(),
    stores: new Stores(() => undefined).of(undefined),
    fingerprint: '',
    decidingHeaders: [],
    run: () => Promise.reject(new Error('no other route is expected')),
    recordUnseen: () => undefined,
    ...changes,
  }
}
