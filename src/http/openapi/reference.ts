import type { JsonObject } from '../../core/json.ts'

export type ComponentKind = 'schemas' | 'responses' | 'requestBodies' | 'parameters' | 'examples' | 'headers'

/** A pointer to a component of the document. */
export function reference(kind: ComponentKind, name: string): JsonObject {
  return { $ref: `#/components/${kind}/${name}` }
}
