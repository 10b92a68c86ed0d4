import type { JsonObject } from '../../core/json.ts'
import type { CacheMark, ChatRequest, Part } from '../../core/request.ts'
import type { ModelTraits } from './models.ts'

/** A request may have this many. */
const MAX_POINTS = 4

/**
 * Cache marks as cache points, which stand behind what they mark. Of more than a request may have, the first two and the
 * last stay: the long prefix that all requests share, and the newest turns.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
 */
export class CachePoints {
  readonly #caches: ModelTraits['caches']
  readonly #takesTtl: boolean
  readonly #dropped: Set<string>
  /** How many marks stand on tools, which are in front of the prompt, and how many there are in all. */
  readonly #total: number
  #metTools = 0
  #metBlocks: number

  constructor(request: ChatRequest, { caches, family }: ModelTraits, dropped: Set<string>) {
    this.#caches = caches
    this.#takesTtl = family === 'claude' || family === 'unknown'
    this.#dropped = dropped
    this.#metBlocks = caches === 'everything' ? countTools(request) : 0
    this.#total = this.#metBlocks + countBlocks(request)
  }

  afterTool(cache: CacheMark | undefined): JsonObject[] {
    if (!cache) return []
    if (this.#caches === 'everything') return this.#write(cache, 'tools.cache', this.#metTools++)
    this.#dropped.add('tools.cache')
    return []
  }

  afterBlock(cache: CacheMark | undefined): JsonObject[] {
    if (!cache) return []
    if (this.#caches !== 'nothing') return this.#write(cache, 'messages.cache', this.#metBlocks++)
    this.#dropped.add('messages.cache')
    return []
  }

  #write({ ttl }: CacheMark, name: string, place: number): JsonObject[] {
    if (place >= 2 && place < this.#total - (MAX_POINTS - 2)) {
      this.#dropped.add(name)
      return []
    }
    // A model without a choice keeps the prompt for 5 minutes.
    if (ttl === '1h' && !this.#takesTtl) this.#dropped.add(`${name}.ttl`)
    const written = ttl !== undefined && this.#takesTtl ? { ttl } : {}
    return [{ cachePoint: { type: 'default', ...written } }]
  }
}

function countTools({ tools = [] }: ChatRequest): number {
  return tools.filter((tool) => 'cache' in tool && tool.cache).length
}

function countBlocks({ messages, cache }: ChatRequest): number {
  return messages.reduce((sum, { parts }) => sum + countParts(parts), cache ? 1 : 0)
}

function countParts(parts: readonly Part[]): number {
  return parts.filter((part) => 'cache' in part && part.cache).length
}
