import type { Ledger } from '../../core/limits.ts'
import type { LimitedRoute } from '../../gateway/limits/limited.ts'
import { DEFAULT_LIMIT_SETTINGS } from '../../gateway/limits/settings.ts'
import { targetsOf, type Plan } from '../../gateway/plan/plan.ts'
import type { GatewayConfig, RouteConfig } from '../schema.ts'

/** What the limits of a route are made of. */
export function limitedRoute(
  config: RouteConfig,
  { file, plan, ledger }: { file: GatewayConfig; plan: Plan; ledger: Ledger },
): LimitedRoute {
  return {
    name: config.name,
    rules: [...(file.limits ?? []), ...(config.limits ?? [])],
    ledger,
    settings: file.server.limits ?? DEFAULT_LIMIT_SETTINGS,
    prices: targetsOf(plan.group).map(({ price }) => price),
    params: config.params,
  }
}
