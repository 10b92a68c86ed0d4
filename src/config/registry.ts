import type { Policy } from '../core/policy.ts'
import type { ProviderDefinition } from '../core/provider.ts'
import { policies } from '../policies/index.ts'
import { providers, retiredProviders } from '../providers/index.ts'

/** What a configuration may name: the pieces that are built in, or others in a test. */
export interface Registry {
  readonly providers: readonly ProviderDefinition[]
  readonly policies: readonly Policy[]
  /** Providers that MLflow had and nobody can call any more, each with what to use instead. */
  readonly retired?: Readonly<Record<string, string>>
  /** Users' own providers, by the URL of their module. */
  readonly modules?: ReadonlyMap<string, ProviderDefinition>
}

/** Everything this build of the gateway knows. */
export const builtIn: Registry = { providers, policies, retired: retiredProviders }
