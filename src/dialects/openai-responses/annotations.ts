import { asArray, asNumber, asString, isObject, omit, type JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'
import { DIALECT } from './dialect-name.ts'

const URL_FIELDS: ReadonlySet<string> = new Set(['type', 'url', 'title', 'start_index', 'end_index'])

export function readAnnotations(list: unknown): Annotation[] {
  return asArray(list).filter(isObject).map(readAnnotation)
}

/** Citations of pages have canonical members; of files, and of whatever comes next, only the whole object is kept. */
export function readAnnotation(json: JsonObject): Annotation {
  const native = { dialect: DIALECT, value: json }
  if (json['type'] !== 'url_citation') return { native }
  const [url, title] = [asString(json['url']), asString(json['title'])]
  const [start, end] = [asNumber(json['start_index']), asNumber(json['end_index'])]
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(Object.keys(omit(json, URL_FIELDS)).length > 0 && { native }),
  }
}

/**
 * Undefined for what has no form here: a citation of a document of the prompt. One that does not say where it belongs is
 * about all of `text`.
 */
export function writeAnnotation(annotation: Annotation, text: string): JsonObject | undefined {
  const { native, url, title = '', start = 0, end = text.length } = annotation
  if (native?.dialect === DIALECT) return native.value
  if (url === undefined) return undefined
  return { type: 'url_citation', start_index: start, end_index: end, url, title }
}
