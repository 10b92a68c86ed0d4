import type { CollectedPart } from '../../core/collect.ts'
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'

/** The members of a candidate that say where its text comes from; `native` annotations keep them whole. */
const SOURCES = ['groundingMetadata', 'citationMetadata', 'urlContextMetadata'] as const

/**
 * Where a candidate's `text` comes from, by its grounding and citations; the first annotation carries both as they came.
 * Spec: https://ai.google.dev/api/generate-content#GroundingMetadata
 */
export function readAnnotations(candidate: JsonObject, text: string): Annotation[] {
  const given = SOURCES.filter((name) => candidate[name] !== undefined && candidate[name] !== null)
  if (given.length === 0) return []
  const annotations = [
    ...readGrounding(asObject(candidate['groundingMetadata']), text),
    ...readCitations(asObject(candidate['citationMetadata']), text),
  ]
  const value = Object.fromEntries(given.map((name) => [name, candidate[name] ?? null]))
  const [first = {}, ...rest] = annotations
  return [{ ...first, native: { dialect: 'gemini', value } }, ...rest]
}

function readGrounding(metadata: JsonObject, text: string): Annotation[] {
  const sources = asArray(metadata['groundingChunks']).map((chunk) => readSource(asObject(chunk)))
  const supports = asArray(metadata['groundingSupports']).map(asObject)
  if (supports.length === 0) return sources
  return supports.flatMap((support) =>
    asArray(support['groundingChunkIndices']).flatMap((index) => {
      const source = sources[asNumber(index) ?? -1]
      return source ? [{ ...source, ...readRange(asObject(support['segment']), text) }] : []
    }),
  )
}

function readSource(chunk: JsonObject): Annotation {
  const source = asObject(chunk['web'] ?? chunk['retrievedContext'] ?? chunk['maps'])
  return toAnnotation(source)
}

/** The Gemini API has `citationSources`, Vertex AI `citations`. */
function readCitations(metadata: JsonObject, text: string): Annotation[] {
  return asArray(metadata['citationSources'] ?? metadata['citations'])
    .map(asObject)
    .map((citation) => Object.assign(toAnnotation(citation), readRange(citation, text)))
}

function toAnnotation(source: JsonObject): Annotation {
  const url = asString(source['uri'])
  const title = asString(source['title'])
  return { ...(url === undefined ? {} : { url }), ...(title === undefined ? {} : { title }) }
}

/** Gemini counts bytes of UTF-8, and leaves out a start of 0. */
function readRange(segment: JsonObject, text: string): Pick<Annotation, 'start' | 'end'> {
  const end = asNumber(segment['endIndex'])
  if (end === undefined) return {}
  const bytes = Buffer.from(text)
  const toCharacters = (at: number): number => bytes.toString('utf8', 0, Math.max(at, 0)).length
  return { start: toCharacters(asNumber(segment['startIndex']) ?? 0), end: toCharacters(end) }
}

/** The searches on the web that a candidate's grounding names. */
export function countSearches(candidate: JsonObject): number {
  return asArray(asObject(candidate['groundingMetadata'])['webSearchQueries']).length
}

/** Where the texts of an answer come from, as members of its candidate. */
export function writeAnnotations(parts: readonly CollectedPart[]): JsonObject {
  const native = parts
    .flatMap(({ annotations }) => annotations)
    .find((annotation) => annotation.native?.dialect === 'gemini')?.native
  if (native) return native.value
  const chunks: JsonObject[] = []
  const supports: JsonObject[] = []
  for (const [partIndex, { annotations, text }] of parts.entries()) {
    for (const annotation of annotations) {
      if (annotation.url === undefined && annotation.title === undefined) continue
      const segment = writeSegment(annotation, text)
      if (segment)
        supports.push({ segment: { partIndex, ...segment }, groundingChunkIndices: [chunks.length] })
      chunks.push(writeSource(annotation))
    }
  }
  return chunks.length > 0
    ? { groundingMetadata: { groundingChunks: chunks, groundingSupports: supports } }
    : {}
}

/** A source on the web has an address; others are documents that somebody gave the model. */
function writeSource({ url, title }: Annotation): JsonObject {
  const named = title === undefined ? {} : { title }
  return url === undefined ? { retrievedContext: named } : { web: { uri: url, ...named } }
}

function writeSegment({ start, end }: Annotation, text: string): JsonObject | undefined {
  if (start === undefined || end === undefined) return undefined
  const toBytes = (at: number): number => Buffer.byteLength(text.slice(0, at))
  return { startIndex: toBytes(start), endIndex: toBytes(end), text: text.slice(start, end) }
}
