import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeChat } from '../../test/support/call.ts'
import type { GatewayError } from '../core/error.ts'
import type { Provider } from '../core/provider.ts'
import type { Usage } from '../core/usage.ts'
import { openAi } from '../dialects/openai/client.ts'
import { openAiChat } from '../dialects/openai/index.ts'
import { SseSplitter } from '../wire/sse.ts'
import { PassThroughTransform } from './pass-through.ts'

interface Asked {
  showsUsage?: boolean
  /** As OpenAI's own API shows it, and MLflow's does not. */
  showsDone?: boolean
}

const TARGET: Provider = {
  name: 'openai',
  model: 'm',
  formats: [openAiChat],
  send: () => Promise.reject(new Error('not called')),
  secrets: [],
  close: () => Promise.resolve(),
}

function transformFor({ showsUsage = false, showsDone = false }: Asked = {}): PassThroughTransform {
  const options = showsUsage ? ',"stream_options":{"include_usage":true}' : ''
  const body = `{"model":"r","messages":[{"role":"user","content":"hi"}],"stream":true${options}}`
  const request = showsDone
    ? makeChat(body, { dialect: openAi, path: '/v1/chat/completions' })
    : makeChat(body.replace('"model":"r",', ''))
  return new PassThroughTransform({ request, format: openAiChat, provider: TARGET })
}

interface Passed {
  text: string
  usage: Usage | undefined
  failure: GatewayError | undefined
  hasContent: boolean
}

/** Runs a stream, cut as given, through splitter and transform as a reply stream does. */
function pass(pieces: readonly (string | Buffer)[], transform = transformFor()): Passed {
  const splitter = new SseSplitter()
  let text = ''
  for (const piece of pieces) {
    const run = splitter.push(Buffer.from(piece))
    if (run && !transform.failure) text += transform.events(run).toString()
  }
  if (!transform.failure) text += transform.end(splitter.rest()).toString()
  return { text, usage: transform.usage, failure: transform.failure, hasContent: transform.hasContent }
}

function delta(content: object, reason: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'c1', choices: [{ index: 0, delta: content, finish_reason: reason }] })}\n\n`
}

const ROLE = delta({ role: 'assistant', content: '' })
const TEXT = delta({ content: 'Hi "error" [DONE] é😀' })
const STOP = delta({}, 'stop')
const USAGE =
  'data: {"id":"c1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n'
const DONE = 'data: [DONE]\n\n'
const READ_USAGE = { inputTokens: 3, outputTokens: 2, totalTokens: 5 }
const ERROR = 'data: {"error":{"message":"Overloaded."}}\n\n'

describe('a stream passed through', () => {
  test('is the same but for the usage and [DONE], which are ours', () => {
    expect(pass([ROLE, TEXT, STOP, USAGE, DONE])).toEqual({
      text: ROLE + TEXT + STOP,
      usage: READ_USAGE,
      failure: undefined,
      hasContent: true,
    })
  })

  test('is so however it is cut', () => {
    const bytes = Buffer.from(`: hello\n\n${ROLE}${TEXT}${TEXT}${STOP}${USAGE}${DONE}`)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
        const ends = [...cuts.toSorted((a, b) => a - b), bytes.length]
        const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
        const { text, usage, failure } = pass(pieces)
        expect(text).toBe(`: hello\n\n${ROLE}${TEXT}${TEXT}${STOP}`)
        expect(usage).toEqual(READ_USAGE)
        expect(failure).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  test('is so byte by byte, and with the line ends of another system', () => {
    const bytes = Array.from(Buffer.from(ROLE + TEXT + STOP + USAGE + DONE), (byte) => Buffer.from([byte]))
    expect(pass(bytes)).toMatchObject({ text: ROLE + TEXT + STOP, usage: READ_USAGE })
    const crlf = (text: string): string => text.replaceAll('\n', '\r\n')
    expect(pass([crlf(ROLE + TEXT), crlf(STOP + USAGE + DONE)])).toMatchObject({
      text: crlf(ROLE + TEXT + STOP),
      usage: READ_USAGE,
      failure: undefined,
    })
  })

  test('keeps the usage and [DONE] for whom they are', () => {
    const all = ROLE + TEXT + STOP + USAGE + DONE
    expect(pass([all], transformFor({ showsUsage: true, showsDone: true })).text).toBe(all)
    expect(pass([all], transformFor({ showsUsage: true })).text).toBe(ROLE + TEXT + STOP + USAGE)
    expect(pass([all], transformFor({ showsDone: true })).text).toBe(ROLE + TEXT + STOP + DONE)
  })

  test.each([
    ['a blank after colons', USAGE.replaceAll('":', '": ')],
    ['blanks everywhere', USAGE.replaceAll('":', '": ').replaceAll(',"', ', "')],
    [
      'the usage in front',
      'data: {"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5},"choices":[]}\n\n',
    ],
    ['no blank after "data:"', USAGE.replace('data: ', 'data:')],
  ])('hides the usage event when it is written with %s', (_how, usage) => {
    expect(pass([ROLE, TEXT, STOP, usage, DONE])).toMatchObject({
      text: ROLE + TEXT + STOP,
      usage: READ_USAGE,
    })
  })

  test('keeps the usage that stands beside a choice', () => {
    const last = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: { prompt_tokens: 3 } })}\n\n`
    expect(pass([TEXT, last, DONE])).toMatchObject({ text: TEXT + last, usage: { inputTokens: 3 } })
  })

  test('keeps events without choices that hold no usage', () => {
    const filter = 'data: {"choices":[],"prompt_filter_results":[],"usage":null}\n\n'
    expect(pass([filter, TEXT, STOP, DONE]).text).toBe(filter + TEXT + STOP)
  })

  test.each(['data:[DONE]\n\n', 'data: [DONE]', 'data: [DONE]\n', 'data: [DONE]\r\n\r\n'])(
    'hides %j too',
    (done) => {
      expect(pass([TEXT, STOP, done])).toMatchObject({ failure: undefined })
      expect(pass([TEXT, STOP, done]).text.trim()).toBe((TEXT + STOP).trim())
      expect(pass([TEXT, STOP + done]).text.trim()).toBe((TEXT + STOP).trim())
    },
  )

  test('does not take a [DONE] that the model said for the end', () => {
    const said = delta({ content: 'data: [DONE]' })
    expect(pass([said])).toMatchObject({ text: said, failure: { kind: 'truncated' } })
  })
})

describe('the end', () => {
  test.each([
    ['[DONE]', [TEXT, STOP, DONE]],
    ['a finish reason without [DONE]', [TEXT, STOP]],
    ['an event without its blank line', [TEXT, STOP.trimEnd()]],
    ['[DONE] alone', [TEXT, DONE]],
  ])('with %s is a proper one', (_how, pieces) => {
    expect(pass(pieces).failure).toBeUndefined()
  })

  test.each([
    ['nothing', []],
    ['content', [ROLE, TEXT]],
    ['half of an event', [TEXT, STOP.slice(0, 20)]],
    ['comments', [TEXT, ': keep-alive\n\n']],
  ])('with %s came too early', (_how, pieces) => {
    const passed = (): GatewayError | undefined => pass(pieces).failure
    let failure: unknown
    try {
      failure = passed()
    } catch (error) {
      failure = error
    }
    expect(failure).toMatchObject({ status: 502 })
  })

  test('is found after any number of large events', () => {
    const large = delta({ content: 'x'.repeat(30_000) })
    expect(pass([large, large, large, STOP, USAGE, DONE])).toMatchObject({
      usage: READ_USAGE,
      failure: undefined,
    })
    expect(pass([large + large + STOP + USAGE + DONE])).toMatchObject({
      usage: READ_USAGE,
      failure: undefined,
    })
    expect(pass([large, large])).toMatchObject({ failure: { kind: 'truncated' } })
  })
})

describe('an error event', () => {
  test('before any content is a failure, and nothing is shown', () => {
    expect(pass([ROLE + ERROR])).toMatchObject({ hasContent: false, failure: { message: 'Overloaded.' } })
    expect(pass([ERROR])).toMatchObject({ hasContent: false, text: '', failure: { message: 'Overloaded.' } })
  })

  test('after content ends the stream before it', () => {
    expect(pass([ROLE, TEXT, ERROR, TEXT])).toMatchObject({
      text: ROLE + TEXT,
      failure: { message: 'Overloaded.' },
    })
    expect(pass([ROLE + TEXT + ERROR + TEXT])).toMatchObject({
      text: ROLE + TEXT,
      hasContent: true,
      failure: { message: 'Overloaded.' },
    })
  })

  test('is not what a model says about errors', () => {
    const said = delta({ content: '{"error":{"message":"x"}}' })
    expect(pass([said, said, STOP, DONE])).toMatchObject({ text: said + said + STOP, failure: undefined })
  })
})

test.each([
  ['a comment', ': x\n\n', false],
  ['a role', ROLE, false],
  ['an empty text', delta({ content: '' }), false],
  ['a text', TEXT, true],
  ['a thought', delta({ reasoning_content: 'hm' }), true],
  [
    'a tool call',
    delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] }),
    true,
  ],
  ['a finish reason', STOP, true],
  ['the usage', USAGE, false],
])('%s is content: %s', (_what, event, expected) => {
  const transform = transformFor()
  transform.events(Buffer.from(event))
  expect(transform.hasContent).toBe(expected)
})

test.each([
  ['small events', 64, 64, 100_000],
  ['large events', 64 * 1024, 64 * 1024, 500],
  ['small events, then large ones', 16, 64 * 1024, 500],
])('a long stream of %s is not kept', (_what, early, late, count) => {
  const transform = transformFor()
  transform.events(Buffer.from(TEXT))
  const before = keptBytes()
  const event = (size: number): Buffer => Buffer.concat([Buffer.alloc(size, 'd'), Buffer.from('\n\n')])
  for (let i = 0; i < 500; i++) transform.events(event(early))
  for (let i = 0; i < count; i++) transform.events(event(late))
  expect(keptBytes() - before).toBeLessThan(2 * 1024 * 1024)
  expect(transform.hasContent).toBe(true)
})

test.each([
  ['a short stream', 20],
  ['a stream of which only the end is read', 2_000],
])('what the model wrote in %s that breaks off is counted', (_what, count) => {
  const transform = transformFor()
  for (let i = 0; i < count; i++)
    transform.events(Buffer.from(delta({ content: `${'word '.repeat(i % 7)}.` })))
  const written = Array.from({ length: count }, (_, i) => 5 * (i % 7) + 1).reduce((sum, bytes) => sum + bytes)
  expect(transform.answerTokens() / (written / 4)).toBeCloseTo(1, 1)
  expect(transform.answerTokens()).toBe(transform.answerTokens())
})

test('the model is the one that the provider names', () => {
  const transform = transformFor()
  transform.events(Buffer.from(TEXT.replace('"id":"c1"', '"id":"c1","model":"gpt-x-2026"')))
  expect(transform.model).toBe('gpt-x-2026')
})

/** Bytes of buffers that are still referred to. */
function keptBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('this Node cannot collect garbage on demand')
  collect()
  collect()
  return process.memoryUsage().arrayBuffers
}
