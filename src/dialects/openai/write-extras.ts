import type { TokenLogprob } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'

/** Where a text comes from, as OpenAI's web search says it; `content` is OpenRouter's addition. */
export function writeAnnotation({ url, title, citedText, start, end, native }: Annotation): JsonObject {
  if (native?.dialect === 'openai') return native.value
  return {
    type: 'url_citation',
    url_citation: {
      url: url ?? '',
      title: title ?? '',
      start_index: start ?? 0,
      end_index: end ?? 0,
      ...(citedText === undefined ? {} : { content: citedText }),
    },
  }
}

/** What a model drew or said: pictures as OpenRouter has them, sound as OpenAI. */
export function writeMedia({ mediaType, data }: { mediaType: string; data: string }): JsonObject {
  if (mediaType.startsWith('audio/')) return { audio: { data } }
  return { images: [{ type: 'image_url', image_url: { url: `data:${mediaType};base64,${data}` } }] }
}

export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject {
  return {
    content: tokens.map(({ alternatives, ...token }) => ({
      ...writeToken(token),
      top_logprobs: alternatives.map(writeToken),
    })),
  }
}

function writeToken({ token, logprob, bytes }: Omit<TokenLogprob, 'alternatives'>): JsonObject {
  return { token, logprob, bytes: bytes ?? null }
}
