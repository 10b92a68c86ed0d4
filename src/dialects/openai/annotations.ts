import { asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'
import { DIALECT } from './dialect-name.ts'

/**
 * One of a message's `annotations`, such as a `url_citation`.
 * Spec: https://platform.openai.com/docs/guides/tools-web-search?api-mode=chat
 */
export function readAnnotation(value: JsonObject): Annotation {
  const citation = asObject(value['url_citation'])
  const annotation: Annotation = { native: { dialect: DIALECT, value } }
  const url = asString(citation['url'])
  const title = asString(citation['title'])
  const citedText = asString(citation['content'])
  const start = asNumber(citation['start_index'])
  const end = asNumber(citation['end_index'])
  if (url !== undefined) annotation.url = url
  if (title !== undefined) annotation.title = title
  if (citedText !== undefined) annotation.citedText = citedText
  if (start !== undefined) annotation.start = start
  if (end !== undefined) annotation.end = end
  return annotation
}

/** The text that an annotation belongs to, by characters of the message: it must say where it belongs. */
export interface Annotated {
  offset: number
  length: number
}

/** The other way. One that does not say where it belongs is about all of the text so far. */
export function writeAnnotation(annotation: Annotation, { offset, length }: Annotated): JsonObject {
  const { url, title, citedText, start = 0, end = length, native } = annotation
  if (native?.dialect === DIALECT && offset === 0) return native.value
  return {
    type: 'url_citation',
    url_citation: {
      url: url ?? '',
      title: title ?? '',
      start_index: start + offset,
      end_index: end + offset,
      ...(citedText !== undefined && { content: citedText }),
    },
  }
}

/** Sources that some servers (Perplexity) list beside the answer, with or without their titles. */
export function readSources(reply: JsonObject): Annotation[] {
  const { search_results: results, citations } = reply
  const sources = Array.isArray(results) && results.length > 0 ? results : citations
  if (!Array.isArray(sources)) return []
  return sources.flatMap((source): Annotation[] => {
    if (typeof source === 'string') return [{ url: source }]
    const url = isObject(source) ? asString(source['url']) : undefined
    const title = isObject(source) ? asString(source['title']) : undefined
    return url === undefined ? [] : [{ url, ...(title !== undefined && { title }) }]
  })
}
