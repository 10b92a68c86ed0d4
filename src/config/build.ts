import type { Call } from '../core/call.ts'
import { MemoryCounters, type Counters } from '../core/counters.ts'
import type { Layer, Policy, PolicyTools, UnseenCall } from '../core/policy.ts'
import type { PlanSettings } from '../core/plan-settings.ts'
import type { Provider, ProviderDefinition } from '../core/provider.ts'
import { estimateUsd } from '../core/prices.ts'
import type { Reply } from '../core/reply.ts'
import type { RouteInfo } from '../core/route.ts'
import { attempt, openContinuation } from '../gateway/attempt.ts'
import { compose } from '../gateway/compose.ts'
import type { Condition } from '../gateway/plan/condition.ts'
import type { Branch, Group, Plan, PlanTarget } from '../gateway/plan/plan.ts'
import { pursue, type PursuitTools } from '../gateway/plan/pursue.ts'
import { RetryBudget } from '../gateway/plan/retry-budget.ts'
import { createStrategy, type StrategyName } from '../gateway/plan/strategies/index.ts'
import { TargetStates } from '../gateway/plan/target-state.ts'
import type { CallRecord, Recorder } from '../gateway/record.ts'
import { recordTraffic } from '../gateway/recording/record-traffic.ts'
import { Runtime, type Route } from '../gateway/runtime.ts'
import { priceOf } from '../prices/index.ts'
import { Stores } from '../stores/index.ts'
import { builtIn, type Registry } from './registry.ts'
import type {
  FallbackConfig,
  GatewayConfig,
  KeyedModel,
  ModelConfig,
  RouteConfig,
  TargetConfig,
} from './schema.ts'

/** What a worker keeps while configurations come and go. */
export interface WorkerState {
  readonly states: TargetStates
  readonly budget: RetryBudget
  readonly counters: Counters
  readonly record: Recorder
  readonly stores: Stores
  /** Which of the workers this is, from 0. */
  readonly index: number
}

/** Of a process that has no others beside it, unless told. */
export function newWorkerState(given: Partial<WorkerState> = {}): WorkerState {
  return {
    states: new TargetStates(),
    budget: new RetryBudget(),
    counters: new MemoryCounters(),
    record: () => undefined,
    stores: new Stores(() => undefined),
    index: 0,
    ...given,
  }
}

interface BuildSetup {
  registry?: Registry
  worker?: WorkerState
}

/** A checked configuration as running parts. What was built is closed again when a later part fails. */
export function buildRuntime(
  config: GatewayConfig,
  generation: number,
  { registry = builtIn, worker = newWorkerState() }: BuildSetup = {},
): Runtime {
  const builder = new Builder(config, registry, worker)
  try {
    const routes = config.routes.map((route) => builder.route(route))
    const { invocationsShape, bodyLimit } = config.server
    builder.runtime = new Runtime({ generation, settings: { invocationsShape, bodyLimit }, routes })
    return builder.runtime
  } catch (error) {
    builder.close()
    throw error
  }
}

/** Routes name each other as targets and fallbacks: each one's plan is built once, when it is first asked for. */
class Builder {
  runtime: Runtime | undefined
  readonly #config: GatewayConfig
  readonly #fingerprint: string
  readonly #routes: ReadonlyMap<string, RouteConfig>
  readonly #registry: Registry
  readonly #worker: WorkerState
  readonly #groups = new Map<string, Group>()
  readonly #providers = new Map<string, Provider[]>()

  constructor(config: GatewayConfig, registry: Registry, worker: WorkerState) {
    this.#config = config
    // All routes, because one may be the target of another. Secrets write themselves as nothing.
    this.#fingerprint = JSON.stringify([config.routes, config.server.invocationsShape])
    this.#routes = new Map(config.routes.map((route) => [route.name, route]))
    this.#registry = registry
    this.#worker = worker
  }

  route(config: RouteConfig): Route {
    const { name } = config
    const tools = this.#tools(config)
    const info = tools.route
    const plan = this.#plan(config)
    const pursuit: PursuitTools = { budget: this.#worker.budget, random: Math.random }
    const route: Route = {
      info,
      plan,
      run: compose(this.#layers(config, { around: 'request', tools }), pursue(plan, pursuit)),
      close: async () => {
        await Promise.all((this.#providers.get(name) ?? []).map((provider) => provider.close()))
      },
    }
    return route
  }

  #tools(config: RouteConfig): PolicyTools {
    const { counters, record, stores } = this.#worker
    return {
      route: this.#infoOf(config),
      counters,
      stores: stores.of(this.#config.server.redisUrl),
      fingerprint: this.#fingerprint,
      decidingHeaders: this.#decidingHeaders(config),
      run: (name, call) => this.#run(name, call),
      recordUnseen: (ended) => record(toRecord(ended)),
    }
  }

  /** Such a call may outlive the request that caused it, and keeps the runtime for itself. */
  async #run(name: string, call: Call): Promise<Reply> {
    const { runtime } = this
    const route = runtime?.route(name)
    if (!runtime || !route) throw new Error(`unknown route "${name}"`)
    runtime.acquire()
    try {
      const reply = await route.run({ ...call, route: route.info })
      void reply.finished.then(() => runtime.release())
      return reply
    } catch (error) {
      await runtime.release()
      throw error
    }
  }

  close(): void {
    for (const providers of this.#providers.values()) for (const provider of providers) void provider.close()
  }

  #plan(config: RouteConfig): Plan {
    return {
      route: config.name,
      group: this.#group(config),
      fallbacks: config.fallbacks.map((fallback) => this.#fallback(fallback)),
      settings: this.#settings(config),
    }
  }

  #fallback({ route, on }: FallbackConfig): Plan['fallbacks'][number] {
    const config = this.#routeConfig(route)
    return {
      on: new Set(on),
      plan: { route, group: this.#group(config), fallbacks: [], settings: this.#settings(config) },
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
      return { weight, ...condition, inside: this.#group(this.#routeConfig(goesTo.route)) }
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
    const settings = this.#settings(config)
    const isOneOfSeveral = 'models' in target.goesTo && target.goesTo.models.length > 1
    const name = isOneOfSeveral ? `${target.name}#${index + 1}` : target.name
    const { connectMs, idleMs } = settings.timeout
    const called = { provider, isStrict, ...(params && { params }), limits: { connectMs, idleMs } }
    const tools = this.#tools(config)
    const price = priceOf({ provider: model.provider, model: model.name }, target.price)
    const priceUsd = price && estimateUsd(price, TYPICAL_TOKENS)
    const credential = provider.secrets.map((secret) => secret.fingerprint()).join(' ')
    return {
      name,
      route: config.name,
      state: this.#worker.states.of(`${config.name}/${name} ${credential}`),
      settings,
      ...(priceUsd === undefined ? {} : { priceUsd }),
      run: compose(this.#layers(config, { around: 'attempt', tools }), (call) => attempt(called, call)),
      open: (call) => openContinuation(called, call),
    }
  }

  #provider(config: RouteConfig, { model, name }: { model: ModelConfig; name: string }): Provider {
    const definition = findDefinition(model, this.#registry)
    const real = definition.create({ model: model.name, routeType: config.type, config: model.config })
    const provider = config.record
      ? recordTraffic(real, { ...config.record, route: config.name, target: name })
      : real
    const providers = this.#providers.get(config.name) ?? []
    this.#providers.set(config.name, [...providers, provider])
    return provider
  }

  #layers(
    { policies }: RouteConfig,
    { around, tools }: { around: 'request' | 'attempt'; tools: PolicyTools },
  ): Layer[] {
    return this.#registry.policies.flatMap((policy) =>
      policy.around === around ? (policy.create(policies[policy.name], tools) ?? []) : [],
    )
  }

  #settings({ policies }: RouteConfig): PlanSettings {
    return readSettings(this.#registry.policies, policies)
  }

  #strategy(name: StrategyName): Group['strategy'] {
    return createStrategy(name, { phase: this.#worker.index, random: Math.random })
  }

  #routeConfig(name: string): RouteConfig {
    const config = this.#routes.get(name)
    if (!config) throw new Error(`unknown route "${name}"`)
    return config
  }

  #decidingHeaders({ targets }: RouteConfig): string[] {
    return targets.flatMap(({ when = {}, goesTo }) => [
      ...readCondition(when).headers.keys(),
      ...('route' in goesTo ? this.#decidingHeaders(this.#routeConfig(goesTo.route)) : []),
    ])
  }

  /** Clients are shown one model: that of the first target. */
  #infoOf({ name, type, targets, policies }: RouteConfig): RouteInfo {
    const [first] = targets
    if (!first) throw new Error(`the route "${name}" has no target`)
    const info = { name, type, model: this.#shownModel(first) }
    const { calls, renewal_period: renewalPeriod } = policies['limit'] ?? {}
    if (typeof calls !== 'number' || typeof renewalPeriod !== 'string') return info
    return { ...info, limit: { calls, renewalPeriod } }
  }

  #shownModel({ goesTo }: TargetConfig): RouteInfo['model'] {
    if ('route' in goesTo) return this.#infoOf(this.#routeConfig(goesTo.route)).model
    const model = goesTo.models[0]?.model
    return { name: model?.name ?? null, provider: model?.provider ?? '' }
  }
}

/** What targets are compared by: prompts are longer than answers. */
const TYPICAL_TOKENS = { inputTokens: 1000, outputTokens: 250 }

/** What the policies say of how targets are tried. */
export function readSettings(policies: readonly Policy[], given: RouteConfig['policies']): PlanSettings {
  const settings: PlanSettings = {
    retries: { max: 0, initialMs: 0, maxMs: 0, respectRetryAfter: true, resumesStreams: false },
    timeout: { totalMs: 300_000 },
  }
  for (const policy of policies) {
    if (policy.around === 'plan') Object.assign(settings, policy.read(given[policy.name]))
  }
  return settings
}

/** The record of a call that no client asked for. */
function toRecord({ call, dropped, finish, ...times }: UnseenCall): CallRecord {
  const { id, route, request, trail } = call
  return {
    id,
    path: '(mirror)',
    route,
    status: finish.error?.status ?? 200,
    stream: 'stream' in request && request.stream,
    durationMs: times.durationMs,
    firstByteMs: times.firstByteMs,
    usage: finish.usage,
    dropped,
    error: finish.error,
    trail,
  }
}

function readCondition(when: Record<string, string[]>): Condition {
  const { stream, ...others } = when
  const headers = new Map(
    Object.entries(others).map(([key, values]) => [key.replace(/^header\./, ''), values]),
  )
  return stream ? { headers, stream: stream.includes('true') } : { headers }
}

function findDefinition({ provider, module }: ModelConfig, registry: Registry): ProviderDefinition {
  const definition =
    module === undefined
      ? registry.providers.find((known) => known.name === provider)
      : registry.modules?.get(module)
  if (!definition) throw new Error(`unknown provider "${provider}"`)
  return definition
}
