import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { readUrl } from '../../core/media.ts'
import type { CacheMark, MediaSource, Part } from '../../core/request.ts'
import { mediaTypeOf } from './audio-format.ts'
import { DIALECT } from './dialect-name.ts'
import { readContentList } from './read-content.ts'

/**
 * A message's `content`: a text, or a list of parts. `dialect` is whose the unknown parts are; absent: anyone's.
 * Spec: https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
 */
export function readContent(content: JsonValue | undefined, dialect: string | undefined): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return asArray(content)
    .filter(isObject)
    .flatMap((part) => {
      const read = readPart(part, dialect)
      const cache = readCacheMark(part['cache_control'])
      if (cache) for (const marked of read) mark(marked, cache)
      return read
    })
}

function mark(part: Part, cache: CacheMark): void {
  if (part.type === 'text' || part.type === 'image' || part.type === 'audio' || part.type === 'file')
    part.cache = cache
}

function readPart(part: JsonObject, dialect: string | undefined): Part[] {
  return readKnown(part) ?? [{ type: 'opaque', value: part, ...(dialect === undefined ? {} : { dialect }) }]
}

function readKnown(part: JsonObject): Part[] | undefined {
  switch (part['type']) {
    case 'text':
      return [{ type: 'text', text: asString(part['text']) ?? '' }]
    case 'refusal':
      return [{ type: 'refusal', text: asString(part['refusal']) ?? '' }]
    case 'image_url':
      return readImage(part['image_url'])
    case 'input_audio':
      return readAudio(asObject(part['input_audio']))
    case 'file':
      return readFile(asObject(part['file']))
    case 'thinking':
    case 'reasoning':
      return readContentList([part]).flatMap((said) =>
        said.kind === 'thinking'
          ? [{ type: 'thinking', text: said.text, ...(said.state && { state: said.state }) }]
          : [],
      )
    default:
      return undefined
  }
}

/** Some clients give the URL without the object around it. */
function readImage(image: JsonValue | undefined): Part[] | undefined {
  const { url = image, detail } = asObject(image)
  if (typeof url !== 'string') return undefined
  return [{ type: 'image', source: readUrl(url), ...(typeof detail === 'string' && { detail }) }]
}

function readAudio({ data, format }: JsonObject): Part[] | undefined {
  if (typeof data !== 'string' || typeof format !== 'string') return undefined
  return [{ type: 'audio', source: { kind: 'base64', mediaType: mediaTypeOf(format), data } }]
}

function readFile({ file_data: data, file_id: id, filename }: JsonObject): Part[] | undefined {
  const name = typeof filename === 'string' ? { name: filename } : {}
  if (typeof data === 'string') return [{ type: 'file', source: readFileData(data), ...name }]
  if (typeof id !== 'string') return undefined
  return [{ type: 'file', source: { kind: 'file-id', id, dialect: DIALECT }, ...name }]
}

/** A data URL; some clients send bare base64, and OpenRouter takes URLs. */
function readFileData(data: string): MediaSource {
  const source = readUrl(data)
  const isUrl = source.kind !== 'url' || /^https?:/i.test(data.slice(0, 'https:'.length))
  return isUrl ? source : { kind: 'base64', mediaType: 'application/pdf', data }
}

/** `cache_control`, as OpenRouter and others take it from OpenAI's clients in Anthropic's words. */
export function readCacheMark(mark: JsonValue | undefined): CacheMark | undefined {
  if (!isObject(mark) || mark['type'] !== 'ephemeral') return undefined
  const { ttl } = mark
  return ttl === '5m' || ttl === '1h' ? { ttl } : {}
}
