import { isObject } from '../../src/core/json.ts'
import type { Client } from './clients/client.ts'
import type { Said } from './expected/reply.ts'

/** Throws with a line for each difference between what a client was told and what the recording says. */
export function expectSame(actual: Said, expected: Said, { client, ignored }: Comparison): void {
  const broken = expected.calls.flatMap((call) => (typeof call.arguments === 'string' ? call.name : []))
  const is = flat(shown(actual, expected, client), broken)
  const shouldBe = flat(shown(expected, expected, client), broken)
  const differences = Object.keys(shouldBe).flatMap((name) => {
    const [one, other] = [JSON.stringify(is[name]), JSON.stringify(shouldBe[name])]
    return one === other || ignored.includes(name) ? [] : `${name} is ${one}, not ${other}`
  })
  if (differences.length > 0) throw new Error(differences.join('\n'))
}

export interface Comparison {
  client: Client
  /** Members that are not compared. */
  ignored: readonly string[]
}

const REASONS: ReadonlySet<string> = new Set(['length', 'tool_calls', 'content_filter'])

/** What a client can show of an answer, in one spelling. */
function shown(said: Said, { refusal: refused, explanation = '' }: Said, client: Client): Said {
  const kept: Said = { ...said, usage: { ...said.usage } }
  // A reason that only one provider knows is no reason elsewhere.
  if (!REASONS.has(kept.finish)) kept.finish = 'stop'
  if (explanation !== '' && kept.refusal === explanation) kept.refusal = ''
  if (explanation !== '' && kept.text.endsWith(explanation))
    kept.text = kept.text.slice(0, -explanation.length)
  if (client.lacks.includes('refusal')) {
    // The words are a text then, and the reason may say the rest.
    kept.text += kept.refusal
    kept.refusal = ''
    if (refused !== '') kept.finish = 'stop'
  }
  if (client.lacks.includes('thinking')) kept.thinking = ''
  if (client.lacks.includes('cacheWrite')) kept.usage.cacheWrite = 0
  if (client.lacks.includes('reasoning')) kept.usage.reasoning = 0
  return kept
}

/** `broken` names calls whose arguments were cut: where they must be an object, they cannot be told. */
function flat(
  { usage, calls, text, thinking, refusal, finish }: Said,
  broken: readonly string[],
): Record<string, unknown> {
  const whole = calls.filter(({ name }) => !broken.includes(name))
  return {
    text,
    thinking,
    refusal,
    finish,
    ...usage,
    names: whole.map(({ name }) => name),
    arguments: whole.map((call) => sorted(call.arguments)),
  }
}

/** The same value with its members in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const names = Object.keys(value).toSorted()
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]))
}
