import type { JsonObject, JsonValue } from '../../core/json.ts'
import { reference } from './reference.ts'

export interface OperationText {
  /** Stays the same from version to version: generated clients name their methods after it. */
  id: string
  tag: string
  summary: string
  description?: string
  parameters?: JsonObject[]
  requestBody?: JsonObject
  /** By status. */
  responses: JsonObject
}

/** One operation of the document. */
export function operation({ id, tag, summary, responses, ...more }: OperationText): JsonObject {
  return { operationId: id, tags: [tag], summary, ...more, responses }
}

/** A JSON answer that is described where it is used. */
export function jsonAnswer(schema: string, example?: JsonValue): JsonObject {
  const shown = example === undefined ? {} : { example }
  return {
    description: 'The answer.',
    content: { 'application/json': { schema: reference('schemas', schema), ...shown } },
  }
}
