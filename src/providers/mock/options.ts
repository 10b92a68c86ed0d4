import { type OptionsSchema, option } from '../../core/options.ts'
import { parseDuration } from '../../core/duration.ts'
import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'
import type { ConfigIssue, ProviderConfig } from '../../core/provider.ts'
import { ERROR_KINDS, type ErrorKind } from './faults.ts'

/** The keys of `model.config`, all optional. */
export const options: OptionsSchema = option.object({
  seed: option.optional(
    option.integer({
      description: 'Another seed gives other answers, ids, latencies and failures.',
      default: 0,
    }),
  ),
  reply: option.optional(option.string({ description: 'A fixed text to answer every chat request with.' })),
  latency: option.optional(
    option.duration({
      description: 'Time until the first token, or a whole answer, is there.',
      default: '0ms',
    }),
  ),
  latency_distribution: option.optional(
    option.object(
      {
        p50: option.duration({ description: 'Half of all requests wait at most so long.' }),
        p99: option.duration({ description: '99 of 100 requests wait at most so long.' }),
      },
      { description: 'A log-normal latency instead of a fixed one; the same request always waits as long.' },
    ),
  ),
  tokens_per_second: option.optional(
    option.number({
      exclusiveMinimum: 0,
      description: 'Speed of each answer; without it, as fast as the client reads.',
    }),
  ),
  error_rate: option.optional(
    option.number({
      minimum: 0,
      maximum: 1,
      default: 0,
      description: 'Share of requests that fail. A request that fails once always fails.',
    }),
  ),
  error_kind: option.optional(
    option.oneOf([...ERROR_KINDS], {
      default: 'server_error',
      description:
        'How they fail: rate_limit (429), server_error (500), overloaded (503), auth (401), bad_request (400), ' +
        'timeout (no answer at all), disconnect (the connection dies), truncated (cut in the middle), malformed ' +
        '(not JSON), stream_error (an error event after some content).',
    }),
  ),
  dimensions: option.optional(
    option.integer({
      minimum: 1,
      maximum: 8192,
      default: 256,
      description: 'Length of embeddings when the request does not say.',
    }),
  ),
})

/** The options as the simulator uses them. */
export interface MockSettings {
  seed: number
  reply: string | undefined
  latency: { p50Ms: number; p99Ms: number }
  /** Milliseconds between two tokens of one answer; 0 is without delay. */
  tokenMs: number
  errorRate: number
  errorKind: ErrorKind
  dimensions: number
}

/** Reads checked options, with their defaults. */
export function readSettings(config: ProviderConfig): MockSettings {
  const spread = config['latency_distribution']
  const fixedMs = milliseconds(config['latency'])
  const latency =
    spread === undefined
      ? { p50Ms: fixedMs, p99Ms: fixedMs }
      : { p50Ms: milliseconds(asObject(spread)['p50']), p99Ms: milliseconds(asObject(spread)['p99']) }
  const rate = asNumber(config['tokens_per_second'])
  return {
    seed: asNumber(config['seed']) ?? 0,
    reply: asString(config['reply']),
    latency,
    tokenMs: rate === undefined ? 0 : 1000 / rate,
    errorRate: asNumber(config['error_rate']) ?? 0,
    errorKind: ERROR_KINDS.find((kind) => kind === config['error_kind']) ?? 'server_error',
    dimensions: asNumber(config['dimensions']) ?? 256,
  }
}

/** Mistakes that the schema cannot see. Takes the options as they are written in the file. */
export function checkOptions(config: JsonObject): ConfigIssue[] {
  const issues: ConfigIssue[] = []
  const { latency, latency_distribution: spread, error_kind: kind, error_rate: rate } = config
  if (latency !== undefined && spread !== undefined)
    issues.push({
      path: ['latency_distribution'],
      message: 'cannot stand beside latency; keep one of them',
    })
  const { p50, p99 } = asObject(spread)
  const [medianMs, tailMs] = [written(p50), written(p99)]
  if (medianMs !== undefined && tailMs !== undefined && medianMs > tailMs)
    issues.push({
      path: ['latency_distribution', 'p99'],
      message: `${JSON.stringify(p99)} is less than p50 (${JSON.stringify(p50)}); p99 is the longer of the two`,
    })
  if (kind !== undefined && rate === undefined)
    issues.push({
      path: ['error_kind'],
      message: 'has no effect without error_rate; write "error_rate: 1" to make every request fail',
    })
  return issues
}

/** A loaded duration is a number of milliseconds; one that the loader left as text is read here. */
function milliseconds(value: unknown): number {
  return typeof value === 'string' ? (parseDuration(value) ?? 0) : (asNumber(value) ?? 0)
}

function written(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined
}
