import { asArray, asObject } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'
import { bodyOf, nothing, textOf, type Said } from './reply.ts'

/** What an answer of MLflow's model servers says: a list of predictions, or an object with a list of choices. */
export function readInvocations(recording: Recording): Said {
  const { predictions } = bodyOf(recording)
  const [first] = asArray(Array.isArray(predictions) ? predictions : asObject(predictions)['choices'])
  return { ...nothing(), text: textOf(first) }
}

/** What an answer of AI21's Jurassic models says. */
export function readJurassic(recording: Recording): Said {
  const { prompt, completions } = bodyOf(recording)
  const { data, finishReason } = asObject(asArray(completions)[0])
  const reason = textOf(asObject(finishReason)['reason'])
  const said = nothing()
  said.text = textOf(asObject(data)['text'])
  said.finish = reason === 'length' ? reason : 'stop'
  // There are no counts, but the tokens themselves.
  said.usage.input = asArray(asObject(prompt)['tokens']).length
  said.usage.output = asArray(asObject(data)['tokens']).length
  return said
}
