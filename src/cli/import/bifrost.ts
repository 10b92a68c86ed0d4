import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'
import { Findings, type Imported } from './findings.ts'
import { modelOf, routeName } from './target-of.ts'

const NETWORK_HINTS = {
  max_retries: 'write retries: { max: ... } in defaults, or in a route',
  default_request_timeout_in_seconds: 'write timeout: { total: ... } in defaults, or in a route',
  stream_idle_timeout_in_seconds: 'write timeout: { idle: ... } in defaults, or in a route',
}

/** A config.json of Bifrost, whose clients name a provider and a model: https://docs.getbifrost.ai */
export function fromBifrost(file: JsonObject): Imported {
  const findings = new Findings()
  findings.leftOver(file, ['providers', '$schema'], { path: '' })
  const targets = new Map<string, Record<string, unknown>[]>()
  for (const [provider, value] of Object.entries(asObject(file['providers']))) {
    const path = `providers.${provider}`
    const one = asObject(value)
    const network = asObject(one['network_config'])
    findings.leftOver(one, ['keys', 'network_config'], { path })
    findings.leftOver(network, ['base_url'], { path: `${path}.network_config`, hints: NETWORK_HINTS })
    for (const [index, given] of asArray(one['keys']).entries()) {
      const key = asObject(given)
      const at = `${path}.keys[${index}]`
      findings.leftOver(key, ['value', 'models', 'weight', 'name', 'id'], { path: at })
      const models = asArray(key['models']).flatMap((model) => asString(model) ?? [])
      if (models.length === 0 || models.includes('*')) {
        findings.add(
          `${at}.models`,
          'names no model; here each route has its own: add those that clients ask for',
        )
      }
      const weight = asNumber(key['weight'])
      for (const model of models.filter((name) => name !== '*')) {
        const target = {
          model: modelOf(
            {
              provider,
              model,
              apiKey: readKey(asString(key['value'])),
              apiBase: asString(network['base_url']),
            },
            at,
            findings,
          ),
          ...(weight !== undefined && { weight }),
        }
        targets.set(model, [...(targets.get(model) ?? []), target])
      }
    }
  }
  const routes = [...targets].map(([model, list]) => ({
    name: routeName(model),
    type: typeOf(model),
    targets: list,
  }))
  return { config: { routes }, findings: findings.list }
}

function typeOf(model: string): string {
  return /embed/i.test(model) ? 'llm/v1/embeddings' : 'llm/v1/chat'
}

/** `env.NAME` there is `$NAME` here. */
function readKey(text: string | undefined): string | undefined {
  const [, name] = /^env\.(\w+)$/.exec(text ?? '') ?? []
  return name === undefined ? text : `$${name}`
}
