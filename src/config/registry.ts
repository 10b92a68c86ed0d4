import type { Policy } from '../core/policy.ts'
import type { ProviderDefinition } from '../core/provider.ts'
import { policies } from '../policies/index.ts'
import { providers } from '../providers/index.ts'

/** What a configuration may name: the pieces that are built in, or others in a test. */
export interface Registry {
  readonly providers: readonly ProviderDefinition[]
  readonly policies: readonly Policy[]
}

/** Everything this build of the gateway knows. */
export const builtIn: Registry = { providers, policies }
