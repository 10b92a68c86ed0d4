import type { AdminPlace } from '../cluster/admin-plane.ts'
import type { GatewayConfig } from '../config/schema.ts'
import { isMlflowType, type MlflowRouteType } from '../core/route.ts'
import { packageVersion } from '../http/package-file.ts'
import { table } from './table.ts'

interface BannerSetup {
  host: string
  port: number
  workers: number
  config: GatewayConfig
  configPath: string
  /** Where the admin API is; undefined: nowhere. */
  admin: AdminPlace | undefined
}

/** What a person wants to know once the gateway is up: where it is, where its docs are, a call to try. */
export function banner({ host, port, workers, config, configPath, admin }: BannerSetup): string {
  const url = `http://${urlHost(host)}:${port}`
  const count = config.routes.length
  const lines = [
    '',
    `  MLflow Gateway ${packageVersion()} serves ${count} ${count === 1 ? 'route' : 'routes'} of ${configPath}`,
    `  with ${workers} ${workers === 1 ? 'worker' : 'workers'} on ${url}`,
    '',
    ...tableOf(config),
    '',
    `  Docs       ${url}/docs`,
  ]
  if (admin) {
    const key = admin.file === undefined ? '' : ` with the key in ${admin.file}`
    lines.push(`  Dashboard  http://${urlHost(admin.host)}:${admin.port}/${key}`)
  }
  for (const { name, type } of config.routes) {
    if (!isMlflowType(type)) continue
    lines.push(
      `  Try        curl ${url}/gateway/${name}/invocations \\`,
      `               -H 'content-type: application/json' -d '${JSON.stringify(SAMPLES[type])}'`,
    )
    break
  }
  return `${lines.join('\n')}\n\n`
}

const MOST_ROUTES = 12

/** The first routes, with what they lead to. */
function tableOf({ routes }: GatewayConfig): string[] {
  if (routes.length === 0) return []
  const rows = routes
    .slice(0, MOST_ROUTES)
    .map(({ name, type, targets }) => [name, type, targets.map((target) => target.name).join(', ')])
  const lines = table([['ROUTE', 'TYPE', 'TARGETS'], ...rows])
    .trimEnd()
    .split('\n')
  const rest = routes.length - rows.length
  return [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].map((line) => `  ${line}`)
}

const SAMPLES = {
  'llm/v1/chat': { messages: [{ role: 'user', content: 'What is an AI gateway?' }] },
  'llm/v1/completions': { prompt: 'An AI gateway is' },
  'llm/v1/embeddings': { text: ['An AI gateway'] },
} satisfies Record<MlflowRouteType, unknown>

/** An address that can be called: a wildcard can only be listened on, and IPv6 wants brackets. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
