import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'
import { Findings, type Imported } from './findings.ts'
import { modelOf, routeName } from './target-of.ts'

const KNOWN = [
  'strategy',
  'targets',
  'provider',
  'api_key',
  'override_params',
  'weight',
  'retry',
  'request_timeout',
  'cache',
  'name',
  'custom_host',
  'virtual_key',
]

const RETRY_HINTS = {
  on_status_codes: 'failures have classes here, and what is retried depends on them',
  use_retry_after_header: 'is so here by itself',
}

/** A config of Portkey, which is one route: https://portkey.ai/docs/api-reference/inference-api/config-object */
export function fromPortkey(file: JsonObject): Imported {
  const findings = new Findings()
  const mode = asString(asObject(file['strategy'])['mode']) ?? 'single'
  const given = asArray(file['targets']).map(asObject)
  const targets = given.length > 0 ? given : [file]
  findings.leftOver(file, KNOWN, { path: '' })
  if (!['single', 'fallback', 'loadbalance'].includes(mode)) {
    findings.add('strategy.mode', `"${mode}" has nothing like it here; targets are tried in their order`)
  }
  const onStatus = asObject(file['strategy'])['on_status_codes']
  if (onStatus !== undefined)
    findings.add('strategy.on_status_codes', 'failures have classes here; see fallbacks.on')
  const retry = asObject(file['retry'])
  const attempts = asNumber(retry['attempts'])
  findings.leftOver(retry, ['attempts'], { path: 'retry', hints: RETRY_HINTS })
  const timeoutMs = asNumber(file['request_timeout'])
  const cache = asObject(file['cache'])
  findings.leftOver(cache, ['mode', 'max_age'], { path: 'cache' })
  const cacheMode = asString(cache['mode'])
  if (cacheMode === 'semantic')
    findings.add('cache.mode', 'only equal requests are answered from the cache here')
  const route = {
    name: routeName(asString(file['name']) ?? 'chat'),
    type: 'llm/v1/chat',
    ...(targets.length > 1 && { strategy: mode === 'loadbalance' ? 'weighted' : 'priority' }),
    targets: targets.map((target, index) =>
      readTarget(target, { path: given.length > 0 ? `targets[${index}]` : '', findings }),
    ),
    ...(attempts !== undefined && { retries: { max: attempts } }),
    ...(timeoutMs !== undefined && { timeout: { total: `${timeoutMs}ms` } }),
    ...(cacheMode !== undefined && { cache: { ttl: `${asNumber(cache['max_age']) ?? 3600}s` } }),
  }
  return { config: { routes: [route] }, findings: findings.list }
}

function readTarget(
  target: JsonObject,
  { path, findings }: { path: string; findings: Findings },
): Record<string, unknown> {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  if (path !== '') findings.leftOver(target, KNOWN, { path })
  for (const nested of ['targets', 'strategy', 'retry', 'cache']) {
    if (path !== '' && target[nested] !== undefined)
      findings.add(at(nested), 'stands with the whole route here, not with one target')
  }
  const params = asObject(target['override_params'])
  const { model, ...others } = params
  const virtual = asString(target['virtual_key'])
  if (virtual !== undefined)
    findings.add(at('virtual_key'), 'is kept elsewhere; set the provider, and its key as $NAME')
  if (asString(model) === undefined)
    findings.add(at('override_params.model'), 'a target names its model here; write it')
  if (Object.keys(others).length > 0)
    findings.add(at('override_params'), 'but for the model, write them as params.override of the route')
  const weight = asNumber(target['weight'])
  return {
    model: modelOf(
      {
        provider: asString(target['provider'])?.replace(/^@/, '') ?? 'openai',
        model: asString(model) ?? 'gpt-4o-mini',
        apiKey: asString(target['api_key']),
        apiBase: asString(target['custom_host']),
      },
      at('provider'),
      findings,
    ),
    ...(weight !== undefined && { weight }),
  }
}
