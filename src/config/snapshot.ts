import { isObject } from '../core/json.ts'
import { Secret } from '../core/secret.ts'
import type { Path } from './issue.ts'
import type { GatewayConfig } from './schema.ts'

interface Snapshot {
  /** The configuration with null in the place of every secret. */
  config: GatewayConfig
  /** Path and text of every secret. Kept apart, so that no value of a file can pass for one. */
  secrets: [Path, string][]
}

/** A configuration as text for a worker process. It holds the secrets in the clear: send it nowhere else. */
export function toSnapshot(config: GatewayConfig): string {
  const secrets: [Path, string][] = []
  const bare = withoutSecrets(config, [], secrets)
  return JSON.stringify({ config: bare, secrets })
}

/** The configuration of a text made by `toSnapshot`, its secrets wrapped again. */
export function fromSnapshot(text: string): GatewayConfig {
  const { config, secrets }: Snapshot = JSON.parse(text)
  for (const [path, secret] of secrets) put(config, path, new Secret(secret))
  return config
}

/** The texts of all secrets in one. */
export function secretsOf(text: string): ReadonlySet<string> {
  const { secrets }: Snapshot = JSON.parse(text)
  return new Set(secrets.map(([, secret]) => secret))
}

function withoutSecrets(value: unknown, path: Path, secrets: [Path, string][]): unknown {
  if (value instanceof Secret) {
    secrets.push([path, value.reveal()])
    return null
  }
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(item, [...path, index], secrets))
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    withoutSecrets(item, [...path, key], secrets),
  ])
  return Object.fromEntries(entries)
}

function put(root: unknown, path: Path, secret: Secret): void {
  const last = path.at(-1)
  let place = root
  for (const step of path.slice(0, -1)) {
    place = typeof place === 'object' && place !== null ? Reflect.get(place, step) : undefined
  }
  if (last === undefined || typeof place !== 'object' || place === null) return
  Object.defineProperty(place, last, { value: secret, writable: true, enumerable: true, configurable: true })
}
