/**
 * As much of the Vercel AI SDK's specification as the gateway calls, in versions 2 and 3. The packages are the user's
 * own: the gateway depends on none.
 * Spec: https://github.com/vercel/ai/tree/main/packages/provider/src
 */
export interface SdkProvider {
  languageModel(id: string): SdkLanguageModel
  /** Version 3's name, and version 2's. */
  embeddingModel?(id: string): SdkEmbeddingModel
  textEmbeddingModel?(id: string): SdkEmbeddingModel
}

export interface SdkLanguageModel {
  readonly specificationVersion: string
  doGenerate(options: SdkCallOptions): PromiseLike<unknown>
  doStream(options: SdkCallOptions): PromiseLike<{ stream: ReadableStream<unknown> }>
}

export interface SdkEmbeddingModel {
  doEmbed(options: SdkCallOptions): PromiseLike<unknown>
}

export interface SdkCallOptions {
  readonly [name: string]: unknown
  abortSignal: AbortSignal
}

/** Whether a package's factory gave what the gateway can call. */
export function isSdkProvider(value: unknown): value is SdkProvider {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    'languageModel' in value &&
    typeof value.languageModel === 'function'
  )
}
