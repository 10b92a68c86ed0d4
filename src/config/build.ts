import type { Layer } from '../core/policy.ts'
import type { ProviderDefinition } from '../core/provider.ts'
import { attempt } from '../gateway/attempt.ts'
import { compose } from '../gateway/compose.ts'
import { Runtime, type Route } from '../gateway/runtime.ts'
import type { Target } from '../gateway/target.ts'
import { builtIn, type Registry } from './registry.ts'
import type { GatewayConfig, RouteConfig } from './schema.ts'

/** A checked configuration as running parts. What was built is closed again when a later part fails. */
export function buildRuntime(
  config: GatewayConfig,
  generation: number,
  registry: Registry = builtIn,
): Runtime {
  const routes: Route[] = []
  try {
    for (const route of config.routes) routes.push(buildRoute(route, registry))
  } catch (error) {
    for (const route of routes) void route.close()
    throw error
  }
  const { invocationsShape, bodyLimit } = config.server
  return new Runtime({ generation, settings: { invocationsShape, bodyLimit }, routes })
}

function buildRoute(
  { name, type, model, policies, params, isStrict }: RouteConfig,
  registry: Registry,
): Route {
  const definition = findDefinition(model, registry)
  const provider = definition.create({ model: model.name, routeType: type, config: model.config })
  const target: Target = { provider, ...(params ? { params } : {}), isStrict: isStrict ?? false }
  const layers = (around: 'request' | 'attempt'): Layer[] =>
    registry.policies
      .filter((policy) => policy.around === around)
      .map((policy) => policy.create(policies[policy.name] ?? {}))
  return {
    info: { name, type, model: { name: model.name, provider: model.provider } },
    run: compose([...layers('request'), ...layers('attempt')], (call) => attempt(target, call)),
    close: () => provider.close(),
  }
}

function findDefinition({ provider, module }: RouteConfig['model'], registry: Registry): ProviderDefinition {
  const definition =
    module === undefined
      ? registry.providers.find((known) => known.name === provider)
      : registry.modules?.get(module)
  if (!definition) throw new Error(`unknown provider "${provider}"`)
  return definition
}
