import { MemoryCounters } from '../../src/core/counters.ts'
import type { PolicyTools } from '../../src/core/policy.ts'

/** What a policy is built with, but for what a test changes. */
export function makeTools(changes: Partial<PolicyTools> = {}): PolicyTools {
  return {
    route: { name: 'r', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } },
    counters: new MemoryCounters(),
    run: () => Promise.reject(new Error('no other route is expected')),
    recordUnseen: () => undefined,
    ...changes,
  }
}
