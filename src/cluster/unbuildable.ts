import { buildRuntime } from '../config/build.ts'
import type { Catalogue } from '../config/catalogue.ts'
import { withModules } from '../config/modules.ts'
import { builtIn } from '../config/registry.ts'
import type { GatewayConfig } from '../config/schema.ts'
import { DryRegistry } from '../gateway/explain/dry-registry.ts'

interface Loaded {
  readonly config: GatewayConfig
  readonly catalogue: Catalogue
}

/**
 * Without the routes of the store that are right as they are written and still cannot be built: a package is missing, or
 * a secret is none that their provider can use. They are built in this process to see, where nothing is sent.
 */
export async function withoutUnbuildable<Given extends Loaded>(loaded: Given): Promise<Given> {
  const reasons = new Map<string, string>()
  const { config } = loaded
  let { routes } = config
  while (routes.some(({ isStored }) => isStored)) {
    const found = await tryToBuild(withRoutes(config, routes))
    if (found.size === 0) break
    for (const [route, reason] of found) reasons.set(route, reason)
    // Routes that lead to one of these cannot be built either, without it.
    routes = routes.filter(({ name }) => !found.has(name))
  }
  if (reasons.size === 0) return loaded
  return { ...loaded, config: withRoutes(config, routes), catalogue: withReasons(loaded.catalogue, reasons) }
}

function withRoutes(config: GatewayConfig, routes: GatewayConfig['routes']): GatewayConfig {
  return { ...config, routes }
}

/** Why routes of the store cannot be built. Nothing when it is the file's own that cannot: that is told elsewhere. */
async function tryToBuild(config: GatewayConfig): Promise<ReadonlyMap<string, string>> {
  const reasons = new Map<string, string>()
  try {
    const { registry } = new DryRegistry(await withModules(builtIn, config))
    const runtime = buildRuntime(config, 0, {
      registry,
      leftOut: (route, reason) => reasons.set(route, reason),
    })
    await runtime.retire()
    return reasons
  } catch {
    return new Map()
  }
}

function withReasons({ routes, uses }: Catalogue, reasons: ReadonlyMap<string, string>): Catalogue {
  return {
    uses,
    routes: routes.map((route) => {
      const message = route.origin.kind === 'store' ? reasons.get(route.name) : undefined
      if (message === undefined) return route
      return { ...route, state: 'invalid', issues: [...route.issues, { path: '', message }] }
    }),
  }
}
