/** One route of a configuration. */
export interface RouteText {
  name: string
  type?: 'chat' | 'completions' | 'embeddings'
  provider?: 'openai' | 'anthropic' | 'openai-compatible' | 'mock'
  model?: string
  /** Where the provider is. */
  base: string
  key?: string
  /** Further lines of YAML for the route, such as a policy, in flow style. */
  more?: string
}

const CONFIG_KEYS = {
  openai: ['openai_api_base', 'openai_api_key'],
  anthropic: ['anthropic_api_base', 'anthropic_api_key'],
  'openai-compatible': ['api_base', 'api_key'],
  mock: [],
} as const

/** A configuration file's text. `server` is the mapping of the same name in flow style. */
export function configText(routes: readonly RouteText[], server = '{}'): string {
  return `server: ${server}\nroutes:\n${routes.map(routeText).join('')}`
}

function routeText({
  name,
  type = 'chat',
  provider = 'openai',
  model = 'gpt',
  base,
  key,
  more,
}: RouteText): string {
  const [baseKey, keyKey] = CONFIG_KEYS[provider]
  const config: Record<string, string> = {}
  if (baseKey) config[baseKey] = base
  if (keyKey) config[keyKey] = key ?? 'a-key'
  return [
    `  - name: ${name}`,
    `    type: llm/v1/${type}`,
    `    model: { provider: ${provider}, name: ${model}, config: ${JSON.stringify(config)} }`,
    ...(more === undefined ? [] : [`    ${more}`]),
    '',
  ].join('\n')
}
