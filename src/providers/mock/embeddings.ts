import { asString, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { Digest } from './random.ts'
import { invalid } from './refusal.ts'
import { countTokens } from './tokens.ts'
import { isStopWord, stem, wordsOf } from './words.ts'

const MOST_INPUTS = 2048
const MOST_DIMENSIONS = 8192

interface MockEmbeddings {
  model: string | undefined
  inputs: readonly Input[]
  dimensions: number | undefined
  base64: boolean
}

/** A text, or the numbers of its tokens. */
type Input = string | number[]

/** Reads an embeddings request in OpenAI's format. Throws a `Refusal` (400) for what the OpenAI API would refuse. */
export function readEmbeddings(body: JsonObject): MockEmbeddings {
  const format = body['encoding_format'] ?? 'float'
  if (format !== 'float' && format !== 'base64')
    throw invalid('encoding_format', '\'encoding_format\' has to be "float" or "base64".')
  return {
    model: asString(body['model']),
    inputs: readInputs(body['input']),
    dimensions: readDimensions(body['dimensions']),
    base64: format === 'base64',
  }
}

/** The answer to an embeddings request as OpenAI's `list`, as JSON text. */
export function writeEmbeddings(
  { inputs, base64 }: MockEmbeddings,
  { space, model, dimensions }: { space: Digest; model: string; dimensions: number },
): string {
  const tokens = inputs.reduce(
    (total, input) => total + (typeof input === 'string' ? countTokens(input) : input.length),
    0,
  )
  const salt = space.random('space').below(0x7fffffff)
  return JSON.stringify({
    object: 'list',
    data: inputs.map((input, index) => {
      const vector = embed(input, { dimensions, salt })
      return { object: 'embedding', index, embedding: base64 ? toBase64(vector) : Array.from(vector, round) }
    }),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

interface Space {
  dimensions: number
  salt: number
}

/**
 * A vector of length 1 by feature hashing: words, the first four letters of words and all runs of three characters,
 * each added to or taken from one of the dimensions. Texts that share them point the same way.
 */
function embed(input: Input, space: Space): Float64Array {
  const vector = new Float64Array(space.dimensions)
  const add = (feature: string, weight: number): void => {
    const hash = hashOf(feature, space.salt)
    const index = (hash >>> 1) % space.dimensions
    vector[index] = (vector[index] ?? 0) + ((hash & 1) === 0 ? weight : -weight)
  }
  if (typeof input === 'string') addText(input, add)
  else for (const token of input) add(`token ${token}`, 1)
  // A text without any word still needs a direction, and so does one whose features cancel out.
  if (vector.every((value) => value === 0)) add(`text ${String(input)}`, 1)
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

function addText(text: string, add: (feature: string, weight: number) => void): void {
  for (const word of wordsOf(text)) {
    const lower = word.toLowerCase()
    const weight = isStopWord(lower) ? 0.15 : 1
    const stemmed = stem(lower)
    add(`word ${stemmed}`, weight)
    if (stemmed.length > 4) add(`start ${stemmed.slice(0, 4)}`, weight * 0.6)
    const edged = `<${lower}>`
    for (let at = 0; at + 3 <= edged.length; at++) add(edged.slice(at, at + 3), weight * 0.35)
  }
}

/** FNV-1a with a final mix: its lowest bits alone would not be random enough. */
function hashOf(feature: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt
  for (let index = 0; index < feature.length; index++)
    hash = Math.imul(hash ^ feature.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** Seven digits are what a 32-bit float holds. */
function round(value: number): number {
  return Math.round(value * 1e8) / 1e8
}

function toBase64(vector: Float64Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}

function readInputs(given: JsonValue | undefined): Input[] {
  if (typeof given === 'string') return [text(given, 'input')]
  if (!Array.isArray(given) || given.length === 0)
    throw invalid('input', "'input' has to be a text or a list of at least one text.")
  const tokens = readTokens(given)
  if (tokens) return [tokens]
  if (given.length > MOST_INPUTS)
    throw invalid('input', `'input' has ${given.length} texts; at most ${MOST_INPUTS} are allowed.`)
  return given.map((item, index) => {
    if (typeof item === 'string') return text(item, `input[${index}]`)
    const tokens = Array.isArray(item) ? readTokens(item) : undefined
    if (tokens) return tokens
    throw invalid(`input[${index}]`, `'input[${index}]' has to be a text or a list of tokens.`)
  })
}

function text(given: string, place: string): string {
  if (given === '') throw invalid(place, `'${place}' is an empty text.`)
  return given
}

function readTokens(given: readonly JsonValue[]): number[] | undefined {
  const tokens = given.filter((item) => typeof item === 'number')
  return tokens.length === given.length && tokens.length > 0 ? tokens : undefined
}

function readDimensions(given: JsonValue | undefined): number | undefined {
  if (given === undefined || given === null) return undefined
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= MOST_DIMENSIONS)
    return given
  throw invalid('dimensions', `'dimensions' has to be a whole number from 1 to ${MOST_DIMENSIONS}.`)
}
