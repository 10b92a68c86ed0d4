import type { Policy } from '../core/policy.ts'
import { affinity } from './affinity.ts'
import { cache } from './cache.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import { concurrency, queuedRequests } from './concurrency.ts'
import { hedge } from './hedge.ts'
import { limit } from './limit.ts'
import { mirror } from './mirror.ts'
import { retries } from './retries.ts'
import { timeout } from './timeout.ts'

/** Every policy. Those that wrap calls do so in this order: the first is outermost. */
export const policies: readonly Policy[] = [
  limit,
  cache,
  concurrency,
  mirror,
  retries,
  timeout,
  circuitBreaker,
  affinity,
  hedge,
]

export { queuedRequests }
