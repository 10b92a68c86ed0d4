import type { Policy } from '../../core/policy.ts'
import type { Attempt, Provider, ProviderDefinition } from '../../core/provider.ts'
import type { Secret } from '../../core/secret.ts'
import type { ExplainedPolicy } from './explanation.ts'

/** What a runtime is built from. */
interface Pieces {
  readonly providers: readonly ProviderDefinition[]
  readonly policies: readonly Policy[]
  readonly modules?: ReadonlyMap<string, ProviderDefinition>
}

/** What was about to be sent when a dry provider was asked to send it. */
export class Unsent extends Error {
  override readonly name = 'Unsent'
  readonly provider: Provider
  readonly attempt: Attempt

  constructor(provider: Provider, attempt: Attempt) {
    super('Nothing is sent from here.')
    this.provider = provider
    this.attempt = attempt
  }
}

/**
 * The pieces of a runtime that cannot send: its providers say what they would send, and its policies around calls are
 * only remembered, so that nothing is counted, cached, copied or recorded. All else is as in a runtime that can.
 */
export class DryRegistry<Registry extends Pieces> {
  readonly registry: Registry
  readonly #policies = new Map<string, ExplainedPolicy[]>()
  readonly #secrets: Secret[] = []

  constructor(registry: Registry) {
    const { modules } = registry
    this.registry = {
      ...registry,
      providers: registry.providers.map((definition) => this.#dry(definition)),
      policies: registry.policies.map((policy) => this.#remembered(policy)),
      ...(modules && { modules: new Map([...modules].map(([url, one]) => [url, this.#dry(one)])) }),
    }
  }

  /** The configured policies around a route's calls, the outermost first. */
  policiesOf(route: string): readonly ExplainedPolicy[] {
    return this.#policies.get(route) ?? []
  }

  /** The credentials of all providers that were built. */
  get secrets(): readonly Secret[] {
    return this.#secrets
  }

  #dry(definition: ProviderDefinition): ProviderDefinition {
    return {
      ...definition,
      create: (setup) => {
        const provider = definition.create(setup)
        this.#secrets.push(...provider.secrets)
        return dryProvider(provider)
      },
    }
  }

  #remembered(policy: Policy): Policy {
    if (policy.around === 'plan') return policy
    return {
      ...policy,
      create: (options, { route }) => {
        const known = this.#policies.get(route.name) ?? []
        // One around attempts is made once for each target.
        if (options && !known.some(({ name }) => name === policy.name)) {
          this.#policies.set(route.name, [...known, { name: policy.name, options }])
        }
        return undefined
      },
    }
  }
}

function dryProvider(provider: Provider): Provider {
  const { name, model, omitsModel, formats, secrets } = provider
  return {
    name,
    model,
    ...(omitsModel !== undefined && { omitsModel }),
    formats,
    secrets,
    send: (attempt) => Promise.reject(new Unsent(provider, attempt)),
    close: () => provider.close(),
  }
}
