import { asArray, asObject } from '../core/json.ts'
import { bodiesSchema, type BodySettings, DEFAULT_BODY_BYTES } from '../gateway/bodies/body-settings.ts'
import { checkValue, type CheckContext, type Spot } from './check.ts'

/** What `store_bodies` of a route says; undefined: nothing is kept. */
export function readBodies(spot: Spot, context: CheckContext): BodySettings | undefined {
  const { value, path } = spot
  if (value === undefined || value === null || value === false) return undefined
  if (value === true) return { maxBytes: DEFAULT_BODY_BYTES, redact: [] }
  const values = asObject(checkValue(bodiesSchema, spot, context))
  const redact = asArray(values['redact']).filter((item) => typeof item === 'string')
  for (const [index, source] of redact.entries()) {
    const problem = expressionProblem(source)
    if (problem !== undefined)
      context.problems.push({ path: [...path, 'redact', index], at: 'value', message: problem })
  }
  return {
    maxBytes: Number(values['max_bytes']),
    ...(typeof values['retention'] === 'number' && { retentionMs: values['retention'] }),
    redact,
  }
}

function expressionProblem(source: string): string | undefined {
  try {
    const matchesNothing = new RegExp(source).test('')
    return matchesNothing ? 'also matches where there is nothing; write what is to be left out' : undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /, '') : ''
    return `is no regular expression: ${reason}`
  }
}
