import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'
import { readState, STATE_MARK, writeState } from '../../core/state.ts'

const WEB = 'web_search_result_location'

/**
 * One of Anthropic's citations. Its places are places in the source, which only `native` can say. A citation that was
 * another dialect's has that one's own object in the field that clients must send back.
 * Spec: https://docs.anthropic.com/en/docs/build-with-claude/citations
 */
export function readCitation(citation: unknown): Annotation | undefined {
  if (!isObject(citation)) return undefined
  const annotation: Annotation = {}
  const url = asString(citation['url'])
  const title = asString(citation['title']) ?? asString(citation['document_title'])
  const citedText = asString(citation['cited_text'])
  if (url !== undefined) annotation.url = url
  if (title !== undefined) annotation.title = title
  if (citedText) annotation.citedText = citedText
  const index = asString(citation['encrypted_index'])
  if (!index?.startsWith(STATE_MARK))
    return { ...annotation, native: { dialect: 'anthropic', value: citation } }
  const { title: written, ...untitled } = annotation
  return { ...(written === url ? untitled : annotation), ...readForeign(index) }
}

/** The other way; undefined for one that Anthropic has no form for: a place in a file that only another API knows. */
export function writeCitation(annotation: Annotation): JsonObject | undefined {
  const { url, title, citedText, native } = annotation
  if (native?.dialect === 'anthropic') return native.value
  if (url === undefined) return undefined
  return {
    type: WEB,
    url,
    // It may be null, but not every SDK takes that.
    title: title ?? url,
    cited_text: citedText ?? '',
    encrypted_index: writeForeign(annotation),
  }
}

/** Citations that Anthropic itself made: it takes no others back. */
export function ownCitations(annotations: readonly Annotation[] = []): JsonObject[] {
  return annotations.flatMap(({ native }) => (native?.dialect === 'anthropic' ? [native.value] : []))
}

function writeForeign({ start, end, native }: Annotation): string {
  const data = JSON.stringify({ start, end, native: native?.value })
  return writeState({ dialect: native?.dialect ?? 'none', data }, 'anthropic')
}

function readForeign(tagged: string): Pick<Annotation, 'start' | 'end' | 'native'> {
  const { state } = readState(tagged, 'anthropic')
  const { start, end, native } = parse(state.data)
  return {
    ...(typeof start === 'number' ? { start } : {}),
    ...(typeof end === 'number' ? { end } : {}),
    ...(isObject(native) ? { native: { dialect: state.dialect, value: native } } : {}),
  }
}

function parse(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return {}
  }
}
