import type { RouteCatalog } from '../core/dialect.ts'
import type { Gatekeeper } from '../core/identity.ts'
import type { Next } from '../core/policy.ts'
import type { RouteInfo, ServerSettings } from '../core/route.ts'
import type { BodyKeeper } from './bodies/body-keeper.ts'
import type { Plan } from './plan/plan.ts'

/** A route, ready to be called. */
export interface Route {
  readonly info: RouteInfo
  /** How its targets are tried, for those who want to know. */
  readonly plan: Plan
  /** The route's policies around its targets. */
  readonly run: Next
  /** Absent: nothing of what is said here is kept. */
  readonly bodies?: BodyKeeper
  close(): Promise<void>
}

interface RuntimeSetup {
  generation: number
  settings: ServerSettings
  gate: Gatekeeper
  routes: readonly Route[]
}

/**
 * Everything that one version of the configuration made. A request keeps the runtime it began with; a replaced runtime
 * closes its connections when its last request is done.
 */
export class Runtime implements RouteCatalog {
  readonly generation: number
  readonly settings: ServerSettings
  readonly gate: Gatekeeper
  readonly #routes: ReadonlyMap<string, Route>
  readonly #infos: readonly RouteInfo[]
  #users = 0
  #retired = false

  constructor(setup: RuntimeSetup) {
    this.generation = setup.generation
    this.settings = setup.settings
    this.gate = setup.gate
    this.#routes = new Map(setup.routes.map((route) => [route.info.name, route]))
    this.#infos = setup.routes.map((route) => route.info)
  }

  list(): readonly RouteInfo[] {
    return this.#infos
  }

  find(name: string): RouteInfo | undefined {
    return this.#routes.get(name)?.info
  }

  route(name: string): Route | undefined {
    return this.#routes.get(name)
  }

  routes(): readonly Route[] {
    return [...this.#routes.values()]
  }

  /** A request begins. Pair with `release`. */
  acquire(): void {
    this.#users++
  }

  async release(): Promise<void> {
    this.#users--
    await this.#closeWhenIdle()
  }

  /** Another runtime has taken over. */
  async retire(): Promise<void> {
    this.#retired = true
    await this.#closeWhenIdle()
  }

  async #closeWhenIdle(): Promise<void> {
    if (!this.#retired || this.#users > 0) return
    await Promise.all(Array.from(this.#routes.values(), (route) => route.close()))
  }
}

/** The runtime that new requests get. */
export class CurrentRuntime {
  #current: Runtime

  constructor(first: Runtime) {
    this.#current = first
  }

  get(): Runtime {
    return this.#current
  }

  /** New requests get `next` from now on; the old runtime closes once its requests are done. */
  async switchTo(next: Runtime): Promise<void> {
    const previous = this.#current
    this.#current = next
    await previous.retire()
  }
}
