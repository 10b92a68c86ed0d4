import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'
import { Findings, type Imported } from './findings.ts'
import { modelOf, routeName } from './target-of.ts'

const PARAMS = [
  'model',
  'api_key',
  'api_base',
  'base_url',
  'api_version',
  'aws_region_name',
  'rpm',
  'tpm',
  'weight',
  'timeout',
  'input_cost_per_token',
  'output_cost_per_token',
]

const OF_ROUTES = [
  ['rpm', 'limits'],
  ['tpm', 'limits'],
  ['timeout', 'timeout'],
] as const

const STRATEGIES: Readonly<Record<string, string>> = {
  'simple-shuffle': 'weighted',
  'least-busy': 'least_busy',
  'latency-based-routing': 'latency',
  'cost-based-routing': 'cost',
  'usage-based-routing': 'least_busy',
  'usage-based-routing-v2': 'least_busy',
}

/** A configuration of LiteLLM's proxy: https://docs.litellm.ai/docs/proxy/configs */
export function fromLitellm(file: JsonObject): Imported {
  const findings = new Findings()
  const groups = new Map<string, Deployment[]>()
  for (const [index, one] of asArray(file['model_list']).entries()) {
    const deployment = readDeployment(asObject(one), `model_list[${index}]`, findings)
    groups.set(deployment.group, [...(groups.get(deployment.group) ?? []), deployment])
  }
  const router = asObject(file['router_settings'])
  const litellm = asObject(file['litellm_settings'])
  const fallbacks = fallbacksOf([...asArray(router['fallbacks']), ...asArray(litellm['fallbacks'])])
  const strategy = asString(router['routing_strategy'])
  const retries = asNumber(router['num_retries']) ?? asNumber(litellm['num_retries'])
  const timeout = asNumber(router['timeout']) ?? asNumber(litellm['request_timeout'])
  if (strategy !== undefined && !STRATEGIES[strategy]) {
    findings.add(
      'router_settings.routing_strategy',
      `"${strategy}" has nothing like it here; targets are chosen by weight`,
    )
  }
  const routes = [...groups].map(([group, deployments]) => {
    const others = (fallbacks.get(group) ?? []).filter((name) => groups.has(name))
    return routeOf(group, deployments, { others, strategy: STRATEGIES[strategy ?? ''] })
  })
  for (const group of groups.keys()) {
    if (routeName(group) !== group)
      findings.add('model_list', `"${group}" is no name for a route; it is ${routeName(group)} here`)
  }
  const closed = tellSettings(file, { router, litellm }, findings)
  return {
    config: {
      ...(closed && { auth: 'required' }),
      ...((retries !== undefined || timeout !== undefined) && {
        defaults: {
          ...(retries !== undefined && { retries: { max: retries } }),
          ...(timeout !== undefined && { timeout: { total: `${timeout}s` } }),
        },
      }),
      routes,
    },
    findings: findings.list,
  }
}

function routeOf(
  group: string,
  deployments: readonly Deployment[],
  { others, strategy }: { others: readonly string[]; strategy: string | undefined },
): Record<string, unknown> {
  return {
    name: routeName(group),
    type: deployments[0]?.type ?? 'llm/v1/chat',
    ...(deployments.length > 1 && strategy !== undefined && { strategy }),
    targets: deployments.map(({ target }) => target),
    ...(others.length > 0 && { fallbacks: others.map((name) => ({ route: routeName(name) })) }),
  }
}

interface Deployment {
  readonly group: string
  readonly type: string
  readonly target: Record<string, unknown>
}

function readDeployment(one: JsonObject, path: string, findings: Findings): Deployment {
  const params = asObject(one['litellm_params'])
  const info = asObject(one['model_info'])
  const [provider, model] = splitModel(asString(params['model']) ?? '')
  findings.leftOver(one, ['model_name', 'litellm_params', 'model_info'], { path })
  findings.leftOver(params, PARAMS, { path: `${path}.litellm_params` })
  findings.leftOver(info, ['mode', 'id', 'base_model'], { path: `${path}.model_info` })
  for (const [name, word] of OF_ROUTES) {
    if (params[name] === undefined) continue
    findings.add(
      `${path}.litellm_params.${name}`,
      `stands with a route here, not with a target; write it as ${word} of the route`,
    )
  }
  const weight = asNumber(params['weight'])
  const price = priceOf(params)
  return {
    group: asString(one['model_name']) ?? model,
    type: asString(info['mode']) === 'embedding' ? 'llm/v1/embeddings' : 'llm/v1/chat',
    target: {
      model: modelOf(
        {
          provider,
          model,
          apiKey: readKey(asString(params['api_key'])),
          apiBase: readKey(asString(params['api_base']) ?? asString(params['base_url'])),
          apiVersion: readKey(asString(params['api_version'])),
          region: asString(params['aws_region_name']),
        },
        `${path}.litellm_params.model`,
        findings,
      ),
      ...(weight !== undefined && { weight }),
      ...(price && { price }),
    },
  }
}

/** A provider and its model; without a provider it is OpenAI's. */
function splitModel(text: string): [provider: string, model: string] {
  const slash = text.indexOf('/')
  return slash < 0 ? ['openai', text] : [text.slice(0, slash), text.slice(slash + 1)]
}

/** USD for a token there, for a million here. */
function priceOf(params: JsonObject): { input: number; output: number } | undefined {
  const input = asNumber(params['input_cost_per_token'])
  const output = asNumber(params['output_cost_per_token'])
  if (input === undefined || output === undefined) return undefined
  return { input: input * 1e6, output: output * 1e6 }
}

/** `os.environ/NAME` there is `$NAME` here. */
function readKey(text: string | undefined): string | undefined {
  const [, name] = /^os\.environ\/(\w+)$/.exec(text ?? '') ?? []
  return name === undefined ? text : `$${name}`
}

function fallbacksOf(list: readonly unknown[]): Map<string, string[]> {
  const pairs = list.flatMap((one) => Object.entries(asObject(one)))
  return new Map(
    pairs.map(([group, others]) => [group, asArray(others).flatMap((name) => asString(name) ?? [])]),
  )
}

/** Tells of the settings that are not carried over. Gives whether callers need a key. */
function tellSettings(
  file: JsonObject,
  { router, litellm }: { router: JsonObject; litellm: JsonObject },
  findings: Findings,
): boolean {
  const general = asObject(file['general_settings'])
  findings.leftOver(file, ['model_list', 'router_settings', 'litellm_settings', 'general_settings'], {
    path: '',
  })
  findings.leftOver(router, ['routing_strategy', 'num_retries', 'timeout', 'fallbacks'], {
    path: 'router_settings',
  })
  findings.leftOver(litellm, ['num_retries', 'request_timeout', 'fallbacks', 'drop_params'], {
    path: 'litellm_settings',
    hints: { cache: 'write cache: { ttl: 5m } in defaults, or in a route' },
  })
  findings.leftOver(general, ['master_key', 'database_url'], { path: 'general_settings' })
  const hasMaster = general['master_key'] !== undefined
  if (hasMaster) {
    findings.add(
      'general_settings.master_key',
      'callers need a key of the gateway; make them with "mlflow-gateway keys create", and give the admin key in MLFLOW_GATEWAY_ADMIN_KEY',
    )
  }
  if (general['database_url'] !== undefined) {
    findings.add(
      'general_settings.database_url',
      'give it in DATABASE_URL; keys and usage of the other gateway stay where they are',
    )
  }
  return hasMaster
}
