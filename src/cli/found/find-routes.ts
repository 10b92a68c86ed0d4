import { asArray, asObject, asString } from '../../core/json.ts'
import { KNOWN_PROVIDERS } from './known-providers.ts'

/** A route, and how its YAML is written. */
export interface FoundRoute {
  readonly name: string
  readonly type: 'llm/v1/chat' | 'llm/v1/embeddings'
  readonly provider: string
  readonly model: string
  readonly config: Readonly<Record<string, string>>
  /** Where it was found, for people. */
  readonly from: string
}

const OLLAMA = 'http://127.0.0.1:11434'
const OLLAMA_MS = 300
const MOST_LOCAL_MODELS = 20

/** Routes to what can be called from here: providers whose key is in the environment, and models of a local Ollama. */
export async function findRoutes(
  environment: Readonly<Record<string, string | undefined>>,
  ollama: string = OLLAMA,
): Promise<FoundRoute[]> {
  const routes = [...inEnvironment(environment), ...(await ofOllama(ollama))]
  const names = new Set<string>()
  return routes.filter(({ name }) => !names.has(name) && names.add(name))
}

function inEnvironment(environment: Readonly<Record<string, string | undefined>>): FoundRoute[] {
  return KNOWN_PROVIDERS.flatMap(({ provider, variables, option, chat, embeddings = [] }) => {
    const variable = variables.find((name) => environment[name]?.trim())
    if (variable === undefined) return []
    const routeOf = (type: FoundRoute['type']) => (model: string) => ({
      name: routeName(model),
      type,
      provider,
      model,
      config: { [option]: `$${variable}` },
      from: `$${variable}`,
    })
    return chat.map(routeOf('llm/v1/chat')).concat(embeddings.map(routeOf('llm/v1/embeddings')))
  })
}

/** https://docs.ollama.com/api/tags */
async function ofOllama(url: string): Promise<FoundRoute[]> {
  try {
    const response = await fetch(`${url}/api/tags`, { signal: AbortSignal.timeout(OLLAMA_MS) })
    const models = asArray(asObject(await response.json())['models'])
    return models.slice(0, MOST_LOCAL_MODELS).flatMap((one): FoundRoute[] => {
      const model = asString(asObject(one)['name'])
      if (model === undefined) return []
      const isEmbedding = /embed|bge-|minilm/i.test(model)
      return [
        {
          name: routeName(model.replace(/:latest$/, '')),
          type: isEmbedding ? 'llm/v1/embeddings' : 'llm/v1/chat',
          provider: 'ollama',
          model,
          config: url === OLLAMA ? {} : { ollama_api_base: url },
          from: 'Ollama',
        },
      ]
    })
  } catch {
    return []
  }
}

/** A model's name as a route may have it. */
function routeName(model: string): string {
  return model.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[.-]+/, '')
}
