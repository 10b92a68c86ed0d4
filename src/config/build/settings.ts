import type { Policy } from '../../core/policy.ts'
import type { PlanSettings } from '../../core/plan-settings.ts'
import type { RouteConfig } from '../schema.ts'

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
