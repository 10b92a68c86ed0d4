import type { ReplyReader, TargetModel } from '../../core/dialect.ts'
import type { CandidateEnd, EmbeddingsReply, ReplyEvent } from '../../core/events.ts'
import { isObject } from '../../core/json.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'
import { startOf } from '../reply-start.ts'

/** Reads predictions as answers. They do not say which model they are of, and are never streamed. */
export function servingReader(target: TargetModel): ReplyReader {
  return { whole: (body) => readWhole(body, target), frame: () => [], usage: () => undefined }
}

function readWhole(body: string, target: TargetModel): ReplyEvent[] {
  const texts = readTexts(parseAnswerObject(body)['predictions'])
  return [
    startOf(target),
    ...texts.flatMap((text, candidate): ReplyEvent[] => [
      { type: 'part-start', candidate, part: 0, kind: 'text' },
      { type: 'part-delta', candidate, part: 0, text },
      { type: 'part-end', candidate, part: 0 },
      { type: 'candidate-end', candidate, ...END },
    ]),
    { type: 'reply-end' },
  ]
}

/** A prediction is complete, and says no more than that. */
const END: CandidateEnd = { reason: 'stop', native: { dialect: 'mlflow', reason: '' } }

/** Predictions as vectors: a list of lists of numbers, or one such list alone. */
export function readEmbeddings(body: string): EmbeddingsReply {
  const { predictions } = parseAnswerObject(body)
  const rows = isNumbers(predictions) ? [predictions] : predictions
  if (!Array.isArray(rows) || rows.length === 0) {
    throw invalid('EmbeddingsResponse', 'a list of lists of numbers is expected')
  }
  const vectors = rows.map((row: unknown) => {
    if (isNumbers(row) && row.length > 0) return row
    throw invalid('EmbeddingsResponse', 'each prediction must be a list of numbers that is not empty')
  })
  return { vectors, usage: {} }
}

/** A list of texts; or a mapping whose `candidates`, `choices` or only member is one. */
function readTexts(predictions: unknown): string[] {
  const list = isObject(predictions) ? onlyList(predictions) : predictions
  if (!Array.isArray(list)) throw invalid('ServingTextResponse', 'a list of texts is expected')
  if (list.length === 0) throw invalid('ServingTextResponse', 'The input list is empty')
  return list.map((text: unknown) => {
    if (typeof text === 'string') return text
    throw invalid('ServingTextResponse', 'each prediction must be a text')
  })
}

function onlyList(predictions: Readonly<Record<string, unknown>>): unknown {
  const values = Object.values(predictions)
  if (values.length === 1) return values[0]
  const list = predictions['candidates'] ?? predictions['choices']
  if (list !== undefined) return list
  throw invalid(
    'ServingTextResponse',
    "The dict format is invalid for this route type. Ensure the served model returns a dict key containing 'candidates'",
  )
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number')
}

/** In the words of MLflow, whose clients look for them: which of its schemas the predictions do not fit. */
function invalid(schema: string, problem: string): Error {
  return badAnswer(`1 validation error for ${schema}\npredictions\n  ${problem}`)
}
