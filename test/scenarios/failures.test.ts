import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/error.ts'
import type { ReplyEvent } from '../../src/core/events.ts'
import { SCENARIOS } from './index.ts'
import {
  ERROR_CASES,
  ERRORS,
  kindOnTheWire,
  STREAM_ERROR,
  TEXT_BEFORE_END,
  type ErrorCase,
  type ErrorTwin,
} from './reply-cases.ts'
import { readStream, type DialectScenarios } from './support.ts'

const clients = SCENARIOS.filter(({ client }) => client)
const providers = SCENARIOS.filter(({ provider }) => provider)

describe.each(providers)('$name as a provider', (dialect) => {
  test('has a fixture or a reason for each failure', () => {
    const { errors, ends, unsupported } = dialect
    const silent = [
      ...ERROR_CASES.filter((name) => !errors[name]),
      ...(['stream-cut', 'error-in-stream'] as const).filter((name) => ends[name] === undefined),
    ].filter((name) => !unsupported[name])
    expect(silent).toEqual([])
  })

  test.each(errorsOf(dialect))('%s is read', (name) => {
    const { status, kind, message } = twinOf(dialect, name)
    expect(readError(dialect, name)).toMatchObject({ status, kind, message })
  })

  test.runIf(dialect.ends['stream-cut'] !== undefined)('a cut stream never looks complete', () => {
    const events = readEnd(dialect, 'stream-cut')
    expect(textOf(events)).toBe(TEXT_BEFORE_END)
    expect(events.map(({ type }) => type)).not.toContain('reply-end')
  })

  test.runIf(dialect.ends['error-in-stream'] !== undefined)('an error in a stream is one', () => {
    const outcome = endOf(dialect)
    expect(outcome).toEqual({ text: TEXT_BEFORE_END, error: STREAM_ERROR })
  })
})

describe.each(clients.filter(({ provider }) => provider))('$name as a client', (client) => {
  describe.each(providers)('of $name', (provider) => {
    test.each(errorsOf(provider))('%s', (name) => {
      const error = readError(provider, name)
      const written = client.client?.dialect.writeError(error)
      const read = client.provider?.chat.readError(
        written?.status ?? 0,
        'application/json',
        JSON.stringify(written?.body),
      )
      expect(read?.message).toBe(error.message)
      expect(read && kindOnTheWire(read)).toBe(kindOnTheWire(error))
    })
  })

  test('an error in its stream is read back', () => {
    const error = new GatewayError(STREAM_ERROR, { kind: 'server_error', status: 500 })
    const body = client.requests.streamed ?? client.requests.text ?? {}
    const request = client.client?.chat(body, true)
    const text = request?.writer().stream(START) ?? ''
    expect(readBad(client, text + request?.writeStreamError(error))).toEqual({
      text: TEXT_BEFORE_END,
      error: STREAM_ERROR,
    })
  })
})

const START: ReplyEvent[] = [
  { type: 'reply-start', id: 'reply-1', model: 'a-model' },
  { type: 'part-start', candidate: 0, part: 0, kind: 'text' },
  { type: 'part-delta', candidate: 0, part: 0, text: TEXT_BEFORE_END },
]

function errorsOf({ errors }: DialectScenarios): ErrorCase[] {
  return ERROR_CASES.filter((name) => errors[name])
}

function twinOf({ errors }: DialectScenarios, name: ErrorCase): ErrorTwin {
  return { ...ERRORS[name], ...errors[name]?.twin }
}

function readError({ errors, provider }: DialectScenarios, name: ErrorCase): GatewayError {
  const { status, body, contentType = 'application/json' } = errors[name] ?? { status: 0, body: '' }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const error = provider?.chat.readError(status, contentType, text)
  if (!error) throw new Error('the dialect is not spoken by providers')
  return error
}

function readEnd(dialect: DialectScenarios, end: 'stream-cut' | 'error-in-stream'): ReplyEvent[] {
  return readEvents(dialect, dialect.ends[end] ?? '')
}

function readEvents({ provider }: DialectScenarios, stream: string | Buffer): ReplyEvent[] {
  return provider
    ? readStream(provider.chat.framing, provider.chat.reader({ model: 'a-model' }), [stream])
    : []
}

function endOf(dialect: DialectScenarios): { text: string; error: string | undefined } {
  return readBad(dialect, dialect.ends['error-in-stream'] ?? '')
}

function readBad(
  dialect: DialectScenarios,
  stream: string | Buffer,
): { text: string; error: string | undefined } {
  const events = readEvents(dialect, stream)
  const error = events.find((event) => event.type === 'error')?.error.message
  return { text: textOf(events), error }
}

function textOf(events: readonly ReplyEvent[]): string {
  return events.flatMap((event) => (event.type === 'part-delta' ? event.text : [])).join('')
}
