import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'

/** Cohere's citation of a passage; where it comes from is told by the first of its sources, and by `native` in full. */
export function readCitation(citation: JsonObject): Annotation {
  const annotation: Annotation = { native: { dialect: 'cohere', value: citation } }
  const document = asObject(asObject(asArray(citation['sources'])[0])['document'])
  const url = asString(document['url'])
  const title = asString(document['title'])
  const citedText = asString(document['snippet'])
  const start = asNumber(citation['start'])
  const end = asNumber(citation['end'])
  if (url !== undefined) annotation.url = url
  if (title !== undefined) annotation.title = title
  if (citedText !== undefined) annotation.citedText = citedText
  if (start !== undefined) annotation.start = start
  if (end !== undefined) annotation.end = end
  return annotation
}

/** The other way. `text` is the whole text with the passage. */
export function writeCitation(
  { native, url, title, citedText, start, end }: Annotation,
  text: string,
  contentIndex: number,
): JsonObject {
  if (native?.dialect === 'cohere') return native.value
  const document: JsonObject = {}
  if (url !== undefined) document['url'] = url
  if (title !== undefined) document['title'] = title
  if (citedText !== undefined) document['snippet'] = citedText
  return {
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    text: text.slice(start ?? 0, end),
    sources: [{ type: 'document', id: url ?? title ?? '', document }],
    content_index: contentIndex,
    type: 'TEXT_CONTENT',
  }
}
