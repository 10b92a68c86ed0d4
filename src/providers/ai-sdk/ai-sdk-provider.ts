import type { ByteSource } from '../../core/bytes.ts'
import type { CancelSignal } from '../../core/cancel.ts'
import type { UpstreamFormat } from '../../core/dialect.ts'
import { GatewayError, toGatewayError } from '../../core/error.ts'
import { asObject, type JsonObject } from '../../core/json.ts'
import type { Attempt, Provider, ProviderConfig, ProviderSetup, UpstreamReply } from '../../core/provider.ts'
import type { Secret } from '../../core/secret.ts'
import { secretOption, textOption } from '../config-values.ts'
import type { AiSdkFormats } from './index.ts'
import { describeError, readCallOptions, statusOf, writeJson } from './json.ts'
import { loadPackage } from './load-package.ts'
import { PartSource } from './part-source.ts'
import type { SdkCallOptions, SdkEmbeddingModel, SdkProvider } from './sdk.ts'

/** One model of one package. The package is loaded when the first request needs it. */
export class AiSdkProvider implements Provider {
  readonly name = 'ai-sdk'
  readonly model: string | null
  readonly formats: readonly UpstreamFormat[]
  readonly secrets: readonly Secret[]
  readonly #config: ProviderConfig
  #sdk: Promise<SdkProvider> | undefined

  constructor({ model, config }: ProviderSetup, formats: AiSdkFormats) {
    const key = secretOption(config, 'api_key')
    this.model = model
    this.formats = [formats.chat, formats.embeddings]
    this.secrets = key ? [key] : []
    this.#config = config
  }

  async send(attempt: Attempt): Promise<UpstreamReply> {
    const sdk = await this.#load()
    const abort = new AbortController()
    const end = follow(attempt.signal, abort)
    try {
      return await this.#call(sdk, attempt, { abort, end })
    } catch (error) {
      end()
      if (attempt.signal.aborted) throw toGatewayError(attempt.signal.reason)
      return refusal(error)
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #load(): Promise<SdkProvider> {
    const key = secretOption(this.#config, 'api_key')
    this.#sdk ??= loadPackage({
      package: textOption(this.#config, 'package') ?? '',
      factory: textOption(this.#config, 'factory'),
      options: { ...asObject(this.#config['options']), ...(key ? { apiKey: key.reveal() } : {}) },
    }).catch((cause: unknown) => {
      // It may be installed by the next request.
      this.#sdk = undefined
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new GatewayError(message, { kind: 'internal', status: 500, cause })
    })
    return this.#sdk
  }

  async #call(
    sdk: SdkProvider,
    { format, stream, body }: Attempt,
    { abort, end }: { abort: AbortController; end: () => void },
  ): Promise<UpstreamReply> {
    const id = this.model ?? ''
    const text = body.toString()
    if (format.operation === 'embeddings') {
      const options = this.#options(readCallOptions(text, ''), abort.signal)
      const result = await embeddingModel(sdk, id).doEmbed(options)
      end()
      return whole(200, writeJson(result))
    }
    const model = sdk.languageModel(id)
    const options = this.#options(readCallOptions(text, model.specificationVersion), abort.signal)
    if (!stream) {
      const result = await model.doGenerate(options)
      end()
      return whole(200, writeJson(result))
    }
    const { stream: parts } = await model.doStream(options)
    return { status: 200, contentType: 'text/event-stream', body: new PartSource(parts, writeJson) }
  }

  #options(options: JsonObject, abortSignal: AbortSignal): SdkCallOptions {
    const providerOptions = merge(
      asObject(options['providerOptions']),
      asObject(this.#config['provider_options']),
    )
    return { ...options, providerOptions, abortSignal }
  }
}

function embeddingModel(sdk: SdkProvider, id: string): SdkEmbeddingModel {
  const model = sdk.embeddingModel?.(id) ?? sdk.textEmbeddingModel?.(id)
  if (model) return model
  throw new GatewayError('The package has no embedding models.', { kind: 'bad_request', status: 422 })
}

/** Options by package; what the file says goes before what the request says. */
function merge(request: JsonObject, file: JsonObject): JsonObject {
  const merged = { ...request }
  for (const [name, options] of Object.entries(file)) {
    merged[name] = { ...asObject(merged[name]), ...asObject(options) }
  }
  return merged
}

/** Aborts with the gateway's signal, until the returned function is called. */
function follow(signal: CancelSignal, abort: AbortController): () => void {
  const onAbort = (): void => abort.abort(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  return () => signal.removeEventListener('abort', onAbort)
}

/** What the SDK throws, as the answer it stands for: the provider's status, or 422 for what no request can ask of it. */
function refusal(error: unknown): UpstreamReply {
  if (error instanceof GatewayError) throw error
  const name = error instanceof Error ? error.name : ''
  const status = statusOf(error) ?? (/Unsupported|InvalidPrompt|InvalidArgument/.test(name) ? 422 : 502)
  const retryAfter = headerOf(error, 'retry-after')
  const reply = whole(status >= 400 ? status : 502, JSON.stringify(describeError(error)))
  return retryAfter === undefined ? reply : { ...reply, retryAfter }
}

function headerOf(error: unknown, name: string): string | undefined {
  const headers: unknown =
    error instanceof Error && 'responseHeaders' in error ? error.responseHeaders : undefined
  const value = asObject(headers)[name]
  return typeof value === 'string' ? value : undefined
}

function whole(status: number, json: string): UpstreamReply {
  const body: ByteSource = {
    flow(sink) {
      sink.data(Buffer.from(json))
      sink.end()
    },
    pause: () => undefined,
    resume: () => undefined,
    cancel: () => undefined,
  }
  return { status, contentType: 'application/json', body }
}
