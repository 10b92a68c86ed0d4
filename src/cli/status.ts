import { asArray, asObject } from '../core/json.ts'
import { askAdmin, type AdminOptions } from './ask-admin.ts'
import { EXIT_USAGE } from './program.ts'

export interface StatusArguments extends AdminOptions {
  readonly json?: boolean
}

/** `mlflow-gateway status`. Exit code 1 when something is not as it should be, 2 when the gateway cannot be asked. */
export async function printStatus({ json = false, ...options }: StatusArguments): Promise<number> {
  try {
    const [config, routes] = await Promise.all([
      askAdmin('/admin/config', options),
      askAdmin('/admin/routes', options),
    ])
    const found = { config: asObject(config), routes: asArray(asObject(routes)['items']).map(asObject) }
    process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : inWords(found))
    const isWell = found.config['error'] === null && found.routes.every(({ health }) => health !== 'down')
    return isWell ? 0 : 1
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    return EXIT_USAGE
  }
}

interface Found {
  readonly config: ReturnType<typeof asObject>
  readonly routes: readonly ReturnType<typeof asObject>[]
}

function inWords({ config, routes }: Found): string {
  const lines = [`configuration ${word(config['generation'])}, in use since ${word(config['loadedAt'])}`]
  const error = config['error']
  if (typeof error === 'string') lines.push(`  the file as it is now is not in use: ${error}`)
  const width = Math.max(0, ...routes.map(({ name }) => word(name).length))
  for (const { name, origin, state, health, targets } of routes) {
    const { kind, line } = asObject(origin)
    const place = kind === 'file' ? `line ${word(line)}` : 'store'
    const words = [word(name).padEnd(width), place, word(state), word(health), writeTargets(targets)]
    lines.push(`  ${words.join('  ')}`.trimEnd())
  }
  return `${lines.join('\n')}\n`
}

function writeTargets(targets: unknown): string {
  const written = asArray(targets).map((one) => {
    const { target, breaker } = asObject(one)
    return breaker === 'closed' ? word(target) : `${word(target)} (${word(breaker)})`
  })
  return written.join(', ')
}

function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-'
}
