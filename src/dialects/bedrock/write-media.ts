import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../core/request.ts'
import type { JsonObject } from '../../core/json.ts'
import { refuse } from '../single-prompt.ts'

/**
 * Pictures, sounds, documents and films as Converse's blocks. Bedrock fetches nothing from the web: what is no data stands
 * in Amazon's own storage, or cannot be sent.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
 */
export class MediaWriter {
  readonly #names = new Set<string>()

  image({ source }: ImagePart): JsonObject {
    const format = formatOf(source)
    if (!IMAGES.has(format)) throw unknownType('pictures', format)
    return { image: { format, source: writeSource(source) } }
  }

  audio({ source }: AudioPart): JsonObject {
    const format = formatOf(source)
    return { audio: { format, source: writeSource(source) } }
  }

  file({ source, name, context, citations }: FilePart): JsonObject {
    const format = formatOf(source)
    if (VIDEOS.has(format)) return { video: { format, source: writeSource(source) } }
    if (!DOCUMENTS.has(format)) throw unknownType('documents', format)
    return {
      document: {
        format,
        name: this.#nameOf(name, format),
        source: source.kind === 'text' ? { text: source.text } : writeSource(source),
        ...(context === undefined ? {} : { context }),
        ...(citations === undefined ? {} : { citations: { enabled: citations } }),
      },
    }
  }

  /**
   * Letters, digits, single spaces, hyphens and brackets; a request names no two documents alike. The ending says what
   * the format says already.
   */
  #nameOf(name = 'document', format: string): string {
    const bare = name.toLowerCase().endsWith(`.${format}`) ? name.slice(0, -format.length - 1) : name
    const clean = bare.replaceAll(/[^A-Za-z0-9 \-()[\]]+/g, '-').replaceAll(/ {2,}/g, ' ')
    const short = clean.trim().slice(0, MAX_NAME) || 'document'
    let unique = short
    for (let count = 2; this.#names.has(unique); count++) unique = `${short} ${count}`
    this.#names.add(unique)
    return unique
  }
}

/** Of 200, with room for a number. */
const MAX_NAME = 190

function writeSource(source: MediaSource): JsonObject {
  if (source.kind === 'base64') return { bytes: source.data }
  if (source.kind === 'text') return { bytes: Buffer.from(source.text).toString('base64') }
  if (source.kind === 'url' && source.url.startsWith('s3://')) return { s3Location: { uri: source.url } }
  throw refuse(
    "Amazon Bedrock fetches no files from the web. Send their data, or put them in S3 ('s3://bucket/key').",
  )
}

/** By the media type; of a place without one, by the ending of its name. */
function formatOf(source: MediaSource): string {
  const type = 'mediaType' in source ? source.mediaType?.split(';')[0]?.trim().toLowerCase() : undefined
  if (type !== undefined) return FORMATS.get(type) ?? type.slice(type.indexOf('/') + 1).replace(/^x-/, '')
  if (source.kind === 'text') return 'txt'
  const ending = source.kind === 'url' ? (/\.(\w+)$/.exec(source.url)?.[1]?.toLowerCase() ?? '') : ''
  return ending === 'jpg' ? 'jpeg' : ending
}

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'jpeg'],
  ['text/plain', 'txt'],
  ['text/markdown', 'md'],
  ['application/msword', 'doc'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['audio/mpeg', 'mp3'],
  ['video/x-matroska', 'mkv'],
  ['video/quicktime', 'mov'],
  ['video/3gpp', 'three_gp'],
])
const IMAGES: ReadonlySet<string> = new Set(['png', 'jpeg', 'gif', 'webp'])
const DOCUMENTS: ReadonlySet<string> = new Set([
  'pdf',
  'csv',
  'doc',
  'docx',
  'xls',
  'xlsx',
  'html',
  'txt',
  'md',
])
const VIDEOS: ReadonlySet<string> = new Set([
  'mkv',
  'mov',
  'mp4',
  'webm',
  'flv',
  'mpeg',
  'mpg',
  'wmv',
  'three_gp',
])

function unknownType(what: string, format: string): Error {
  return refuse(`Amazon Bedrock takes no ${what} of the type '${format || 'unknown'}'.`)
}
