import { isObject, type JsonObject } from '../../../src/core/json.ts'
import { findGap } from './marker.ts'
import { SPEECHES, type StreamEvent } from './speech.ts'
import type { WireDialect } from './wire-bodies.ts'

/** What an application would make of an answer. */
export interface Verdict {
  /** `broken`: a stream that ended with an error of its dialect after some content. */
  readonly kind: 'answer' | 'error' | 'broken' | 'malformed'
  /** The text of the answer, or of the part that came. */
  readonly text: string
  /** Of an error: its message. Of what is malformed: what is wrong. */
  readonly message?: string
}

/** An answer as it came. */
export interface RawAnswer {
  readonly dialect: WireDialect
  readonly wantsStream: boolean
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Read an answer as strictly as a client could. */
export function judge(answer: RawAnswer): Verdict {
  const { status, contentType, body } = answer
  const isStream = contentType.startsWith('text/event-stream')
  const isProperType = isStream || contentType.startsWith('application/json')
  if (!isProperType) return malformed(`content type "${contentType}" with status ${status}`, body)
  // Bytes that are no letter: something was cut in the middle of one.
  if (body.includes('\ufffd')) return malformed('a letter that was cut in two', body)
  if (status !== 200) return isStream ? malformed(`a stream with status ${status}`, body) : judgeError(answer)
  if (isStream !== answer.wantsStream) return malformed(isStream ? 'a stream' : 'no stream', body)
  return isStream ? judgeStream(answer) : judgeWhole(answer)
}

function judgeError({ dialect, status, body }: RawAnswer): Verdict {
  const json = parse(body)
  const message = json && SPEECHES[dialect].error(json)
  if (status < 400 || !message) return malformed(`status ${status} without an error`, body)
  return { kind: 'error', text: '', message }
}

function judgeWhole({ dialect, body }: RawAnswer): Verdict {
  const json = parse(body)
  if (!json) return malformed('no JSON object', body)
  const { text, problem = findGap(text, true) } = SPEECHES[dialect].whole(json)
  return problem === undefined ? { kind: 'answer', text } : malformed(problem, text)
}

function judgeStream({ dialect, body }: RawAnswer): Verdict {
  const events = readEvents(body)
  const speech = SPEECHES[dialect]
  const last = events.at(-1)
  if (last === undefined) return malformed('a stream without an event', body)
  const message = last.data && speech.error(last.data)
  const isMisnamed = dialect === 'anthropic' && last.name !== 'error'
  if (message === undefined) {
    const { text, problem = findGap(text, true) } = speech.stream(events)
    return problem === undefined ? { kind: 'answer', text } : malformed(problem, text)
  }
  // The error takes the place of the end, so what came before it cannot be complete.
  const before = events.slice(0, -1)
  const { text, problem } = speech.stream(before)
  const wrong = isMisnamed
    ? 'a misnamed error'
    : problem === undefined
      ? 'an error after the end'
      : (findUnreadable(dialect, before) ?? findGap(text, false))
  return wrong === undefined ? { kind: 'broken', text, message } : malformed(wrong, text)
}

function findUnreadable(dialect: WireDialect, events: readonly StreamEvent[]): string | undefined {
  if (events.some(({ data }) => data === undefined)) return 'an event before the error that is no JSON object'
  const starts = events.filter(({ name }) => name === 'message_start').length
  return dialect === 'anthropic' && starts > 1 ? `${starts} times message_start` : undefined
}

/** The events of a stream with data; an unfinished last one is an event like any other, and no client must get it. */
function readEvents(body: string): StreamEvent[] {
  return body
    .replace(/^\ufeff/, '')
    .replaceAll(/\r\n?/g, '\n')
    .split('\n\n')
    .map((block) => {
      const lines = block.split('\n')
      const values = (field: string): string =>
        lines
          .filter((line) => line.startsWith(`${field}:`))
          .map((line) => line.slice(field.length + 1).trim())
          .join('\n')
      const text = values('data')
      return { name: values('event'), text, data: parse(text) }
    })
    .filter(({ text }) => text !== '')
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function malformed(message: string, text: string): Verdict {
  return { kind: 'malformed', text, message }
}
