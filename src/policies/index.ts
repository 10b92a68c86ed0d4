import type { Policy } from '../core/policy.ts'
import { timeout } from './timeout.ts'

/** Every policy, in the order in which they wrap a call: the first is outermost. */
export const policies: readonly Policy[] = [timeout]
