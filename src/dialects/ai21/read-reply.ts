import type { ReplyReader, TargetModel } from '../../core/dialect.ts'
import type { CandidateEnd, ReplyEvent } from '../../core/events.ts'
import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'
import { startOf } from '../reply-start.ts'

/** Reads completions. They come in one piece. */
export function completeReader(target: TargetModel): ReplyReader {
  return {
    whole: (body) => readWhole(body, target),
    frame: () => [],
    usage: (body) => readUsage(parseAnswerObject(body.toString('utf8'))),
  }
}

function readWhole(body: string, target: TargetModel): ReplyEvent[] {
  const reply = parseAnswerObject(body)
  const { completions } = reply
  if (!Array.isArray(completions)) throw badAnswer("The provider's answer holds no completions.")
  const usage = readUsage(reply)
  return [
    startOf(target, asString(reply['id'])),
    ...completions.map(asObject).flatMap(readCompletion),
    ...(usage ? [{ type: 'usage', usage } as const] : []),
    { type: 'reply-end' },
  ]
}

function readCompletion({ data, finishReason }: JsonObject, candidate: number): ReplyEvent[] {
  const text = asString(asObject(data)['text']) ?? ''
  return [
    { type: 'part-start', candidate, part: 0, kind: 'text' },
    ...(text === '' ? [] : [{ type: 'part-delta', candidate, part: 0, text } as const]),
    { type: 'part-end', candidate, part: 0 },
    { type: 'candidate-end', candidate, ...readEnd(asObject(finishReason)) },
  ]
}

function readEnd({ reason, sequence }: JsonObject): CandidateEnd {
  const word = asString(reason) ?? 'stop'
  const stopSequence = asString(sequence)
  return {
    reason: word === 'endoftext' ? 'stop' : word,
    ...(word === 'endoftext' ? { native: { dialect: 'ai21', reason: word } } : {}),
    ...(stopSequence === undefined ? {} : { stopSequence }),
  }
}

/** Tokens are listed, not counted; without the lists nothing is known. */
function readUsage({ prompt, completions }: JsonObject): Usage | undefined {
  const { tokens } = asObject(prompt)
  if (!Array.isArray(tokens)) return undefined
  const lists = asArray(completions).map((completion) =>
    asArray(asObject(asObject(completion)['data'])['tokens']),
  )
  return { inputTokens: tokens.length, outputTokens: lists.reduce((sum, { length }) => sum + length, 0) }
}
