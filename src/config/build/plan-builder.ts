import type { Call } from '../../core/call.ts'
import type { PlanSettings } from '../../core/plan-settings.ts'
import type { Layer, Next } from '../../core/policy.ts'
import type { Provider, ProviderDefinition } from '../../core/provider.ts'
import type { Reply } from '../../core/reply.ts'
import { attempt, openContinuation } from '../../gateway/attempt.ts'
import { canServe } from '../../gateway/choose-format.ts'
import { clientKeyOf, withClientKey } from '../../gateway/client-key.ts'
import { compose } from '../../gateway/compose.ts'
import type { Branch, Group, Plan, PlanTarget } from '../../gateway/plan/plan.ts'
import { createStrategy, type StrategyName } from '../../gateway/plan/strategies/index.ts'
import { recordTraffic } from '../../gateway/recording/record-traffic.ts'
import type { Target } from '../../gateway/target.ts'
import { contextWindowOf, priceOf } from '../../prices/index.ts'
import { keyOptionOf, withKey } from '../client-key.ts'
import type { Registry } from '../registry.ts'
import type { FallbackConfig, KeyedModel, ModelConfig, RouteConfig, TargetConfig } from '../schema.ts'
import { ClientKeyed } from './client-keyed.ts'
import { findRoute, readCondition, type RouteConfigs } from './route-facts.ts'
import { unavailableProvider } from './unavailable-provider.ts'
import type { WorkerState } from './worker-state.ts'

export interface PlanSetup {
  readonly routes: RouteConfigs
  readonly registry: Registry
  readonly worker: WorkerState
  settingsOf(config: RouteConfig): PlanSettings
  /** The layers around each attempt at one of the route's targets. */
  attemptLayersOf(config: RouteConfig): Layer[]
}

/** Routes name each other as targets and fallbacks: the targets of each are built once, when they are first asked for. */
export class PlanBuilder {
  readonly #setup: PlanSetup
  readonly #routes: RouteConfigs
  readonly #groups = new Map<string, Group>()
  readonly #providers = new Map<string, Closing[]>()

  constructor(setup: PlanSetup) {
    this.#setup = setup
    this.#routes = setup.routes
  }

  plan(config: RouteConfig): Plan {
    return {
      route: config.name,
      group: this.#group(config),
      fallbacks: config.fallbacks.map((fallback) => this.#fallback(fallback)),
      settings: this.#setup.settingsOf(config),
    }
  }

  #fallback({ route, on }: FallbackConfig): Plan['fallbacks'][number] {
    const config = findRoute(this.#routes, route)
    return {
      on: new Set(on),
      plan: { route, group: this.#group(config), fallbacks: [], settings: this.#setup.settingsOf(config) },
    }
  }

  #group(config: RouteConfig): Group {
    const known = this.#groups.get(config.name)
    if (known) return known
    const group = {
      strategy: this.#strategy(config.strategy),
      branches: config.targets.map((target) => this.#branch(config, target)),
    }
    this.#groups.set(config.name, group)
    return group
  }

  #branch(config: RouteConfig, target: TargetConfig): Branch {
    const { weight, when, goesTo } = target
    const condition = when ? { condition: readCondition(when) } : {}
    if ('route' in goesTo)
      return { weight, ...condition, inside: this.#group(findRoute(this.#routes, goesTo.route)) }
    const targets = goesTo.models.map((model, index) => ({
      weight: model.weight,
      inside: this.#target(config, { target, model, index }),
    }))
    const [only] = targets
    const inside =
      only && targets.length === 1 ? only.inside : { strategy: this.#strategy('weighted'), branches: targets }
    return { weight, ...condition, inside }
  }

  #target(
    config: RouteConfig,
    { target, model: { model }, index }: { target: TargetConfig; model: KeyedModel; index: number },
  ): PlanTarget {
    const { params, isStrict = false } = config
    const provider = this.#provider(config, { model, name: target.name })
    const settings = this.#setup.settingsOf(config)
    const isOneOfSeveral = 'models' in target.goesTo && target.goesTo.models.length > 1
    const name = isOneOfSeveral ? `${target.name}#${index + 1}` : target.name
    const { connectMs, idleMs } = settings.timeout
    const called = { provider, isStrict, ...(params && { params }), limits: { connectMs, idleMs } }
    const served = { provider: model.provider, model: model.name }
    const price = priceOf(served, target.price)
    const credential = provider.secrets.map((secret) => secret.fingerprint()).join(' ')
    return {
      name,
      route: config.name,
      state: this.#setup.worker.states.of(`${config.name}/${name} ${credential}`),
      settings,
      model: { name: model.name, provider: model.provider },
      price,
      contextWindow: contextWindowOf(served),
      run: compose(this.#setup.attemptLayersOf(config), this.#attempt(config, model, called)),
      serves: (request) => canServe(provider, request),
      open: (call) => openContinuation(called, call),
    }
  }

  /** With the target's own key, or that of a client who called this very route. */
  #attempt(config: RouteConfig, model: ModelConfig, called: Target): Next {
    const definition = findDefinition(model, this.#setup.registry)
    const option = config.takesClientKeys ? keyOptionOf(definition) : undefined
    if (option === undefined) return (call) => attempt(called, call)
    const keyed = new ClientKeyed((key) =>
      definition.create({
        model: model.name,
        routeType: config.type,
        config: withKey(model.config, { option, key }),
      }),
    )
    this.#closedWith(config.name, keyed)
    return (call) => {
      const key = call.route.name === config.name ? clientKeyOf(call) : undefined
      return key === undefined ? attempt(called, call) : attemptWith(keyed.use(key), called, call)
    }
  }

  #closedWith(route: string, closing: Closing): void {
    this.#providers.set(route, [...(this.#providers.get(route) ?? []), closing])
  }

  #provider(config: RouteConfig, { model, name }: { model: ModelConfig; name: string }): Provider {
    const definition = findDefinition(model, this.#setup.registry)
    const create = (): Provider =>
      definition.create({ model: model.name, routeType: config.type, config: model.config })
    const real = model.unavailable === undefined ? create() : unavailableProvider(definition.name, create)
    const provider = config.record
      ? recordTraffic(real, { ...config.record, route: config.name, target: name })
      : real
    this.#closedWith(config.name, provider)
    return provider
  }

  /** The providers that are a route's own targets. */
  providersOf(route: string): readonly Closing[] {
    return this.#providers.get(route) ?? []
  }

  providers(): Closing[] {
    return [...this.#providers.values()].flat()
  }

  #strategy(name: StrategyName): Group['strategy'] {
    return createStrategy(name, { phase: this.#setup.worker.index, random: Math.random })
  }
}

type Closing = Pick<Provider, 'close'>

/** Holds the provider until the answer is over. It is not continued elsewhere: there the key would be another. */
async function attemptWith(
  { provider, release }: ReturnType<ClientKeyed['use']>,
  called: Target,
  { resume: _resume, ...call }: Call,
): Promise<Reply> {
  try {
    const reply = await attempt({ ...called, provider }, call)
    void reply.finished.then(release, release)
    return reply
  } catch (error) {
    release()
    throw withClientKey(error)
  }
}

function findDefinition({ provider, module }: ModelConfig, registry: Registry): ProviderDefinition {
  const definition =
    module === undefined
      ? registry.providers.find((known) => known.name === provider)
      : registry.modules?.get(module)
  if (!definition) throw new Error(`unknown provider "${provider}"`)
  return definition
}
