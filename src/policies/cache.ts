import { createHash } from 'node:crypto'
import { asArray, asNumber } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { Layer, LayerPolicy } from '../core/policy.ts'
import { ResponseCache } from './cache/response-cache.ts'

const DEFAULT_TTL_MS = 300_000
const DEFAULT_MAX_BYTES = 67_108_864
const DEFAULT_MAX_ENTRY_BYTES = 1_048_576

/** Answers a request that was answered before, byte for byte the same. Off unless the configuration names it. */
export const cache: LayerPolicy = {
  name: 'cache',
  around: 'request',
  options: option.object(
    {
      ttl: option.optional(
        option.duration({
          description: 'How long an answer is kept. 0 turns the cache off.',
          default: '5m',
        }),
      ),
      scope: option.optional(
        option.oneOf(['key', 'route'], {
          description:
            'Who gets an answer that was given before: only callers with the same credential, or every caller of the route.',
          default: 'key',
        }),
      ),
      store: option.optional(
        option.oneOf(['memory', 'redis'], {
          description:
            "Where answers are kept: in each worker's memory, or in the Redis server of server.redis_url, which all workers share.",
          default: 'memory',
        }),
      ),
      max_bytes: option.optional(
        option.integer({
          description:
            "How much of each worker's memory answers may fill. Routes with the same number share it. Not for Redis.",
          default: DEFAULT_MAX_BYTES,
          minimum: 1_048_576,
          maximum: 17_179_869_184,
        }),
      ),
      max_entry_bytes: option.optional(
        option.integer({
          description: 'Larger answers are not kept.',
          default: DEFAULT_MAX_ENTRY_BYTES,
          minimum: 1024,
          maximum: 67_108_864,
        }),
      ),
      vary_headers: option.optional(
        option.list(option.string({ minLength: 1 }), {
          description:
            'Request headers that change the answer, besides those that conditions of targets look at. Other values are other requests.',
        }),
      ),
    },
    { description: 'Keeps answers, and gives them again to equal requests.' },
  ),
  create(options, tools): Layer | undefined {
    const ttlMs = asNumber(options?.['ttl']) ?? DEFAULT_TTL_MS
    if (!options || ttlMs === 0) return undefined
    const maxBytes = asNumber(options['max_bytes']) ?? DEFAULT_MAX_BYTES
    const maxEntryBytes = asNumber(options['max_entry_bytes']) ?? DEFAULT_MAX_ENTRY_BYTES
    const { stores, route, fingerprint, decidingHeaders } = tools
    const more = asArray(options['vary_headers']).map((name) => String(name).toLowerCase())
    const varyHeaders = [...new Set([...decidingHeaders, ...more])].toSorted()
    const about = JSON.stringify([route.type, route.model.provider, route.model.name, fingerprint])
    const responses = new ResponseCache({
      store: options['store'] === 'redis' ? stores.redis() : stores.memory(maxBytes),
      key: {
        route: route.name,
        scope: options['scope'] === 'route' ? 'route' : 'key',
        varyHeaders,
        fingerprint: createHash('sha256').update(about).digest('base64url'),
      },
      ttlMs,
      maxEntryBytes,
    })
    return (call, next) => responses.run(call, next)
  },
}
