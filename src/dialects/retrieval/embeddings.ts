import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'

/** A canonical request in the words of Voyage. */
export function writeVoyageEmbeddings(
  { input, dimensions, purpose, encoding, extras }: EmbeddingsRequest,
  { model }: TargetModel,
): WrittenRequest {
  const body: JsonObject = { ...(model === null ? {} : { model }), input }
  const dropped: string[] = []
  const inputType = INPUT_TYPES.get(purpose)
  if (inputType !== undefined) body['input_type'] = inputType
  else if (purpose !== undefined) dropped.push('purpose')
  if (dimensions !== undefined) body['output_dimension'] = dimensions
  // For lists of numbers there is no word.
  if (encoding === 'base64') body['encoding_format'] = encoding
  for (const [name, value] of Object.entries(extras)) {
    if (OPTIONS.has(name)) body[name] = value
    else dropped.push(name)
  }
  return { body: JSON.stringify(body), dropped }
}

/** Voyage's words for Cohere's. */
const INPUT_TYPES: ReadonlyMap<string | undefined, string> = new Map([
  ['search_query', 'query'],
  ['search_document', 'document'],
])

/** Voyage's further options, which a client of any dialect may name. */
const OPTIONS: ReadonlySet<string> = new Set(['input_type', 'truncation', 'output_dtype', 'output_dimension'])
