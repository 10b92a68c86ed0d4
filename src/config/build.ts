import { Gate } from '../auth/gate.ts'
import type { Call } from '../core/call.ts'
import type { Layer, Next, PolicyTools } from '../core/policy.ts'
import type { Reply } from '../core/reply.ts'
import { refuseClientKeys, takeClientKeys } from '../gateway/client-key.ts'
import { BodyKeeper } from '../gateway/bodies/body-keeper.ts'
import { compose } from '../gateway/compose.ts'
import { limited } from '../gateway/limits/limited.ts'
import { pursue } from '../gateway/plan/pursue.ts'
import { recordOfUnseen } from '../gateway/record.ts'
import { Runtime, type Route } from '../gateway/runtime.ts'
import { PlanBuilder } from './build/plan-builder.ts'
import { decidingHeaders, infoOf, type RouteConfigs } from './build/route-facts.ts'
import { limitedRoute } from './build/limited-route.ts'
import { readSettings } from './build/settings.ts'
import { newWorkerState, type WorkerState } from './build/worker-state.ts'
import { builtIn, type Registry } from './registry.ts'
import type { GatewayConfig, RouteConfig } from './schema.ts'

interface BuildSetup {
  registry?: Registry
  worker?: WorkerState
  /** Told of a route of the store that could not be built; the runtime is without it. */
  leftOut?: (route: string, reason: string) => void
}

/** A checked configuration as running parts. What was built is closed again when a part of the file fails. */
export function buildRuntime(
  config: GatewayConfig,
  generation: number,
  { registry = builtIn, worker = newWorkerState(), leftOut }: BuildSetup = {},
): Runtime {
  return new Builder(config, registry, worker).build(generation, leftOut)
}

class Builder {
  readonly #config: GatewayConfig
  readonly #registry: Registry
  readonly #worker: WorkerState
  readonly #routes: RouteConfigs
  readonly #plans: PlanBuilder
  readonly #fingerprint: string
  /** By route: what is run for a call that no client asked for, and to which no limit applies. */
  readonly #unlimited = new Map<string, Next>()
  #runtime: Runtime | undefined

  constructor(config: GatewayConfig, registry: Registry, worker: WorkerState) {
    this.#config = config
    this.#registry = registry
    this.#worker = worker
    this.#routes = new Map(config.routes.map((route) => [route.name, route]))
    this.#plans = new PlanBuilder({
      routes: this.#routes,
      registry,
      worker,
      settingsOf: ({ policies }) => readSettings(registry.policies, policies),
      attemptLayersOf: (route) => this.#layers(route, 'attempt'),
    })
    // All routes, because one may be the target of another. Secrets write themselves as nothing.
    this.#fingerprint = JSON.stringify([config.routes, config.server.invocationsShape])
  }

  build(generation: number, leftOut: BuildSetup['leftOut']): Runtime {
    const { invocationsShape, bodyLimit } = this.#config.server
    try {
      const routes = this.#config.routes.flatMap((route) => this.#routeIfPossible(route, leftOut))
      const gate = new Gate(this.#config.auth, this.#worker.keys, this.#worker.keySets)
      this.#runtime = new Runtime({ generation, settings: { invocationsShape, bodyLimit }, gate, routes })
      return this.#runtime
    } catch (error) {
      for (const provider of this.#plans.providers()) void provider.close()
      throw error
    }
  }

  /** What it has made so far may be part of another route, and is left. */
  #routeIfPossible(config: RouteConfig, leftOut: BuildSetup['leftOut']): Route[] {
    if (!config.isStored) return [this.#route(config)]
    try {
      return [this.#route(config)]
    } catch (error) {
      leftOut?.(config.name, error instanceof Error ? error.message : String(error))
      return []
    }
  }

  #route(config: RouteConfig): Route {
    const plan = this.#plans.plan(config)
    const { budget, ledgerOf } = this.#worker
    const ledger = ledgerOf(this.#config.server)
    const run = compose(this.#layers(config, 'request'), pursue(plan, { budget, random: Math.random }))
    this.#unlimited.set(config.name, run)
    const bounded = limited(limitedRoute(config, { file: this.#config, plan, ledger }), run)
    return {
      info: infoOf(config, this.#routes),
      plan,
      run: config.takesClientKeys ? takeClientKeys(bounded) : refuseClientKeys(bounded),
      ...(config.bodies && { bodies: new BodyKeeper(config.bodies) }),
      close: async () => {
        await Promise.all(this.#plans.providersOf(config.name).map((provider) => provider.close()))
      },
    }
  }

  #layers(config: RouteConfig, around: 'request' | 'attempt'): Layer[] {
    const tools = this.#tools(config)
    return this.#registry.policies.flatMap((policy) =>
      policy.around === around ? (policy.create(config.policies[policy.name], tools) ?? []) : [],
    )
  }

  #tools(config: RouteConfig): PolicyTools {
    const { counters, record, stores } = this.#worker
    return {
      route: infoOf(config, this.#routes),
      counters,
      stores: stores.of(this.#config.server.redisUrl),
      fingerprint: this.#fingerprint,
      decidingHeaders: decidingHeaders(config, this.#routes),
      run: (name, call) => this.#run(name, call),
      recordUnseen: (ended) => record(recordOfUnseen(ended)),
    }
  }

  /** Such a call may outlive the request that caused it, and keeps the runtime for itself. */
  async #run(name: string, call: Call): Promise<Reply> {
    const runtime = this.#runtime
    const route = runtime?.route(name)
    const run = this.#unlimited.get(name)
    if (!runtime || !route || !run) throw new Error(`unknown route "${name}"`)
    runtime.acquire()
    try {
      const reply = await run({ ...call, route: route.info })
      void reply.finished.then(() => runtime.release())
      return reply
    } catch (error) {
      await runtime.release()
      throw error
    }
  }
}
