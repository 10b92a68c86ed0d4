import { toGatewayError } from '../../core/error.ts'
import { option, type OptionsSchema } from '../../core/options.ts'
import type { Provider } from '../../core/provider.ts'
import { CassetteWriter, type RecordingCounts } from './cassette-writer.ts'
import { Recording } from './recording.ts'

const DEFAULT_MAX_BYTES = 8 * 1024 * 1024

/** The `record` mapping of a route. */
export const recordSchema: OptionsSchema = option.object(
  {
    path: option.string({
      description:
        'The directory for cassettes, made when it is missing. A relative path begins where the gateway was started.',
      minLength: 1,
    }),
    max_bytes: option.optional(
      option.integer({
        description: 'An exchange with more bytes, request and answer together, is kept without its answer.',
        default: DEFAULT_MAX_BYTES,
        minimum: 1024,
        maximum: 64 * 1024 * 1024,
      }),
    ),
  },
  {
    description:
      'Writes every exchange with a provider to a file, to be replayed later. Prompts stand in them.',
  },
)

export interface RecordSettings {
  readonly path: string
  readonly maxBytes?: number
  /** The names of the route and of the target in it. */
  readonly route: string
  readonly target: string
  /** Told why exchanges are not recorded, once for each reason. A warning of the process when absent. */
  readonly warn?: (message: string) => void
}

/** A provider whose exchanges are written to files. */
export interface RecordedProvider extends Provider {
  readonly recorded: Readonly<RecordingCounts>
}

/**
 * The same provider, recorded. Nobody waits for a file, and no failure of the disk reaches a client. Raw requests and
 * uploads are not recorded: they cannot be sent again.
 */
export function recordTraffic(provider: Provider, settings: RecordSettings): RecordedProvider {
  const { path, maxBytes = DEFAULT_MAX_BYTES, route, target, warn = warnOfProcess } = settings
  const writer = new CassetteWriter({ directory: path, warn })
  return {
    name: provider.name,
    model: provider.model,
    ...(provider.omitsModel !== undefined && { omitsModel: provider.omitsModel }),
    get formats() {
      return provider.formats
    },
    get secrets() {
      return provider.secrets
    },
    recorded: writer.counts,
    async send(attempt) {
      if (attempt.upload) return provider.send(attempt)
      const recording = new Recording(attempt, { route, target, provider, writer, maxBytes })
      try {
        return recording.tee(await provider.send(attempt))
      } catch (error) {
        recording.fail(toGatewayError(error))
        throw error
      }
    },
    ...(provider.forward && { forward: (request) => forward(provider, request) }),
    async close() {
      await provider.close()
      await writer.idle()
    },
  }
}

type Forward = NonNullable<Provider['forward']>

function forward(provider: Provider, request: Parameters<Forward>[0]): ReturnType<Forward> {
  return provider.forward?.(request) ?? Promise.reject(new TypeError('there is nothing to forward to'))
}

function warnOfProcess(message: string): void {
  process.emitWarning(message, { code: 'RECORD' })
}
