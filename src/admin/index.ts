import { about } from './about.ts'
import { alerts } from './alerts.ts'
import { audit } from './audit.ts'
import { budgets } from './budgets.ts'
import { config } from './config.ts'
import { explain } from './explain.ts'
import { keys } from './keys.ts'
import { playground } from './playground.ts'
import type { Resource } from './resource.ts'
import { metrics } from './metrics.ts'
import { requests } from './requests.ts'
import { routes } from './routes.ts'
import { secrets } from './secrets.ts'
import { session } from './session.ts'
import { targets } from './targets.ts'
import { teams } from './teams.ts'
import { usage } from './usage.ts'
import { users } from './users.ts'

/** Every path of the control plane's API. */
export const resources: readonly Resource[] = [
  ...session,
  about,
  ...keys,
  ...users,
  ...teams,
  ...usage,
  ...requests,
  ...routes,
  ...secrets,
  audit,
  budgets,
  alerts,
  targets,
  metrics,
  ...config,
  explain,
  playground,
]
