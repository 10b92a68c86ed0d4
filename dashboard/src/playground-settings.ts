import type { ChatMessage } from './chat-stream.ts'

/** What is written into the playground's fields. */
export interface PlaygroundSettings {
  readonly prompt: string
  readonly system: string
  /** A data URL; empty: none. */
  readonly image: string
  readonly temperature: string
  readonly maxTokens: string
  /** JSON, or empty. */
  readonly tools: string
  readonly extra: string
}

export const EMPTY_SETTINGS: PlaygroundSettings = {
  prompt: '',
  system: '',
  image: '',
  temperature: '',
  maxTokens: '',
  tools: '',
  extra: '',
}

/** The requests that the fields mean, one for each route. Throws an `Error` for people. */
export function toRequest({
  settings,
  history,
  routes,
}: {
  settings: PlaygroundSettings
  history: readonly ChatMessage[]
  routes: readonly string[]
}): { message: ChatMessage; bodies: Readonly<Record<string, unknown>>[] } {
  const { prompt, system, image } = settings
  if (prompt.trim() === '') throw new Error('Write a message first.')
  const message: ChatMessage = {
    role: 'user',
    content:
      image === ''
        ? prompt
        : [
            { type: 'text', text: prompt },
            { type: 'image_url', image_url: { url: image } },
          ],
  }
  const first: ChatMessage[] = system.trim() === '' ? [] : [{ role: 'system', content: system }]
  const tools = readJson('Tools', settings.tools)
  const extra = readJson('Other fields', settings.extra)
  if (tools !== undefined && !Array.isArray(tools)) throw new Error('Tools: must be a list in JSON.')
  if (extra !== undefined && (typeof extra !== 'object' || extra === null || Array.isArray(extra))) {
    throw new Error('Other fields: must be an object in JSON.')
  }
  const temperature = readNumber('Temperature', settings.temperature)
  const maxTokens = readNumber('Most tokens', settings.maxTokens)
  const bodies = routes.map((model) => ({
    model,
    messages: [...first, ...history, message],
    stream: true,
    stream_options: { include_usage: true },
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(tools !== undefined && { tools }),
    ...extra,
  }))
  return { message, bodies }
}

/** The fields of a request that was sent before, as far as they have a place here. */
export function readSettings(body: string): PlaygroundSettings {
  let request: unknown
  try {
    request = JSON.parse(body)
  } catch {
    return EMPTY_SETTINGS
  }
  if (typeof request !== 'object' || request === null) return EMPTY_SETTINGS
  const {
    messages,
    prompt,
    temperature,
    max_tokens: maxTokens,
    tools,
  } = Object.fromEntries(Object.entries(request))
  const list: unknown[] = Array.isArray(messages) ? messages : []
  const textOf = (role: string): string => {
    const found = list.findLast(
      (one) => typeof one === 'object' && one !== null && 'role' in one && one.role === role,
    )
    if (typeof found !== 'object' || found === null || !('content' in found)) return ''
    return typeof found.content === 'string' ? found.content : JSON.stringify(found.content)
  }
  return {
    ...EMPTY_SETTINGS,
    prompt: textOf('user') || (typeof prompt === 'string' ? prompt : ''),
    system: textOf('system'),
    temperature: typeof temperature === 'number' ? String(temperature) : '',
    maxTokens: typeof maxTokens === 'number' ? String(maxTokens) : '',
    tools: tools === undefined ? '' : JSON.stringify(tools, undefined, 2),
  }
}

function readNumber(name: string, text: string): number | undefined {
  if (text.trim() === '') return undefined
  const value = Number(text)
  if (Number.isNaN(value)) throw new Error(`${name}: must be a number.`)
  return value
}

function readJson(name: string, text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${name}: is no JSON (${error instanceof Error ? error.message : 'unreadable'}).`, {
      cause: error,
    })
  }
}
