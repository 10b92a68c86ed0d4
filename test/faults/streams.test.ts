import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anthropicEnd, anthropicEvent, anthropicStart, anthropicText } from '../support/anthropic-upstream.ts'
import { ask, chatBody, EventStream } from '../support/ask.ts'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import {
  chunk,
  completion,
  DONE,
  event,
  finish,
  streams,
  usage,
  wholeStream,
} from '../support/openai-upstream.ts'
import { type Script, Upstream } from '../support/upstream.ts'

const CRLF_STREAM = wholeStream('Hé', 'llo').replaceAll('\n', '\r\n')
const ANTHROPIC_STREAM = anthropicStart() + anthropicText('Hé') + anthropicText('llo') + anthropicEnd()
const UTF8_CUT = Buffer.from(chunk('wörld'))

/** Writes `bytes` one by one, each in a packet of its own as far as the network lets it. */
function byteByByte(text: string): Script {
  return (turn) => {
    turn.startStream()
    turn.socket.setNoDelay(true)
    const bytes = Buffer.from(text)
    let at = 0
    const next = (): void => {
      if (at === bytes.length) return void turn.response.end()
      turn.write(bytes.subarray(at, ++at))
      setImmediate(next)
    }
    next()
  }
}

/** Begins a stream and breaks the connection once the first bytes are out. */
function breaksAfter(...writes: (string | Buffer)[]): Script {
  return (turn) => {
    turn.startStream()
    for (const bytes of writes.slice(0, -1)) turn.write(bytes)
    turn.response.write(writes.at(-1), () => turn.socket.resetAndDestroy())
  }
}

const OPENAI_SCRIPTS: Record<string, Script> = {
  whole: streams(wholeStream('Hé', 'llo')),
  'byte by byte': byteByByte(wholeStream('Hé', 'llo')),
  'crlf byte by byte': byteByByte(CRLF_STREAM),
  'no finish': streams(chunk('Hé'), chunk('llo')),
  'cut in an event': streams(chunk('Hé'), chunk('llo').slice(0, 40)),
  'cut in a letter': streams(chunk('Hé'), UTF8_CUT.subarray(0, UTF8_CUT.indexOf(0xc3) + 1)),
  'reset between events': breaksAfter(chunk('Hé')),
  'reset in an event': breaksAfter(chunk('Hé'), chunk('llo').slice(0, 40)),
  'reset in a letter': breaksAfter(chunk('Hé'), UTF8_CUT.subarray(0, UTF8_CUT.indexOf(0xc3) + 1)),
  'reset before content': (turn) => {
    turn.startStream()
    turn.response.write(': hello\n\n', () => turn.socket.resetAndDestroy())
  },
  'empty stream': streams(),
  'no done': streams(chunk('Hé'), chunk('llo'), finish()),
  'done without a blank': streams(chunk('Hé'), chunk('llo'), finish(), usage(), 'data:[DONE]\n\n'),
  'done in a string': streams(wholeStream('\n\ndata: [DONE]\n\n')),
  'error first': streams(event({ error: { message: 'model is loading', type: 'server_error' } })),
  'error later': (turn) => {
    turn.startStream()
    turn.write(chunk('Hé'))
    setTimeout(() => {
      turn.write(event({ error: { message: 'the model fell over', type: 'server_error' } }))
      turn.response.end(DONE)
    }, 50)
  },
  'not json': streams(chunk('Hé'), 'data: {"choices": [\n\n', finish(), DONE),
  'whole instead': (turn) => turn.send(200, { 'content-type': 'application/json' }, completion('whole')),
}

const ANTHROPIC_SCRIPTS: Record<string, Script> = {
  'a whole': streams(ANTHROPIC_STREAM),
  'a byte by byte': byteByByte(ANTHROPIC_STREAM),
  'a no stop': streams(anthropicStart(), anthropicText('Hé')),
  'a reset': breaksAfter(anthropicStart() + anthropicText('Hé'), anthropicText('llo').slice(0, 50)),
  'a error first': streams(
    anthropicEvent('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  ),
  'a error later': (turn) => {
    turn.startStream()
    turn.write(anthropicStart() + anthropicText('Hé'))
    setTimeout(() => {
      turn.write(anthropicEvent('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }))
      turn.response.end()
    }, 50)
  },
}

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await Upstream.start({ ...OPENAI_SCRIPTS, ...ANTHROPIC_SCRIPTS })
  gateway = await Gateway.start(
    configText([
      { name: 'chat', base: upstream.url },
      { name: 'completions', type: 'completions', base: upstream.url },
      { name: 'claude', provider: 'anthropic', base: upstream.url },
    ]),
    { workers: 1 },
  )
})

afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
})

/** The ways of a stream through the gateway: as it came, or through the canonical form. */
const WAYS = {
  'passed through': (prompt: string) =>
    EventStream.open(`${gateway.url}/endpoints/chat/invocations`, chatBody(prompt, { stream: true })),
  'passed through on the old path': (prompt: string) =>
    EventStream.open(`${gateway.url}/gateway/chat/invocations`, chatBody(prompt, { stream: true })),
  'translated to completions': (prompt: string) =>
    EventStream.open(`${gateway.url}/endpoints/completions/invocations`, { prompt, stream: true }),
}

function claude(prompt: string): Promise<EventStream> {
  return EventStream.open(`${gateway.url}/endpoints/claude/invocations`, chatBody(prompt, { stream: true }))
}

/** The stream broke off after its content: it says so, at the client and in the log. */
async function expectErrorAfter(content: string, stream: EventStream): Promise<void> {
  await stream.end()
  expect(stream.isBroken).toBe(false)
  expect(stream.content()).toBe(content)
  expect(stream.error()).toMatchObject({
    message: expect.stringMatching(/./),
    type: expect.stringMatching(/./),
  })
  expect(stream.text).not.toContain('[DONE]')
  expect(stream.text).not.toContain('�')
  const line = await gateway.requestLine(stream.headers['x-request-id'])
  expect(line).toMatchObject({ stream: true, error: stream.error()?.type })
}

describe.each(Object.entries(WAYS))('a stream %s', (_name, open) => {
  it('reaches the client whole, without the end marker of OpenAI', async () => {
    const stream = await (await open('whole')).end()
    expect(stream.status).toBe(200)
    expect(stream.content()).toBe('Héllo')
    expect(stream.text).toContain('"finish_reason":"stop"')
    expect(stream.text).not.toContain('[DONE]')
    expect(stream.text).not.toContain('"usage":{')
  })

  it('has its tokens counted though the client did not ask', async () => {
    const stream = await (await open('whole')).end()
    const line = await gateway.requestLine(stream.headers['x-request-id'])
    expect(line).toMatchObject({ status: 200, stream: true, input_tokens: 11, output_tokens: 7 })
    expect(line).not.toHaveProperty('error')
  })

  it('is the same when it comes byte by byte', async () => {
    const [whole, slow] = await Promise.all([open('whole'), open('byte by byte')])
    await Promise.all([whole.end(), slow.end()])
    expect(slow.text).toBe(whole.text)
  })

  it('is understood with CRLF line ends, byte by byte', async () => {
    const stream = await (await open('crlf byte by byte')).end()
    expect(stream.events()).toEqual((await (await open('whole')).end()).events())
  })

  it('is complete with a finish reason alone', async () => {
    const stream = await (await open('no done')).end()
    expect(stream.content()).toBe('Héllo')
    expect(stream.error()).toBeUndefined()
  })

  it('keeps an end marker to itself that is written without a blank', async () => {
    const stream = await (await open('done without a blank')).end()
    expect(stream.content()).toBe('Héllo')
    expect(stream.text).not.toContain('[DONE]')
  })

  it('keeps text that looks like an end marker', async () => {
    const stream = await (await open('done in a string')).end()
    expect(stream.content()).toBe('\n\ndata: [DONE]\n\n')
    expect(stream.error()).toBeUndefined()
  })

  it.each(['no finish', 'cut in an event', 'cut in a letter'])(
    'ends in an error event when the provider closes it early: %s',
    async (prompt) => {
      await expectErrorAfter(prompt === 'no finish' ? 'Héllo' : 'Hé', await open(prompt))
    },
  )

  it.each(['reset between events', 'reset in an event', 'reset in a letter'])(
    'ends in an error event when the connection breaks: %s',
    async (prompt) => {
      await expectErrorAfter('Hé', await open(prompt))
    },
  )

  it.each(['reset before content', 'empty stream'])(
    'is a plain 502 when nothing came of it: %s',
    async (prompt) => {
      const stream = await (await open(prompt)).end()
      expect(stream.status).toBe(502)
      expect(stream.headers['content-type']).toBe('application/json')
      expect(JSON.parse(stream.text)).toEqual({ detail: expect.stringMatching(/provider/i) })
    },
  )

  it('is a plain error when its first event is one', async () => {
    const stream = await (await open('error first')).end()
    expect(stream.status).toBe(502)
    expect(JSON.parse(stream.text)).toEqual({ detail: 'model is loading' })
  })

  it('ends in the error event that the provider sent', async () => {
    const stream = await open('error later')
    await expectErrorAfter('Hé', stream)
    expect(stream.error()?.message).toBe('the model fell over')
  })
})

it('an event that is not JSON never looks like success', async () => {
  const stream = await WAYS['translated to completions']('not json')
  await stream.end()
  const failed = stream.status === 502 || stream.error() !== undefined
  expect(failed).toBe(true)
})

it('a provider that answers a request for a stream with JSON is answered with JSON', async () => {
  const url = `${gateway.url}/endpoints/chat/invocations`
  const answer = await ask(url, { body: chatBody('whole instead', { stream: true }) })
  expect(answer.headers['content-type']).toBe('application/json')
  expect(JSON.parse(answer.text)).toMatchObject({ choices: [{ message: { content: 'whole' } }] })
  const line = await gateway.requestLine(answer.headers['x-request-id'])
  expect(line).toMatchObject({ status: 200, input_tokens: 5, output_tokens: 3 })
})

it('a client that asks for the usage event gets it', async () => {
  const stream = await EventStream.open(
    `${gateway.url}/endpoints/chat/invocations`,
    chatBody('whole', { stream: true, stream_options: { include_usage: true } }),
  )
  await stream.end()
  expect(stream.text).toContain('"prompt_tokens":11')
})

describe("a stream in Anthropic's format", () => {
  it('reaches the client whole and is counted', async () => {
    const stream = await (await claude('a whole')).end()
    expect(stream.content()).toBe('Héllo')
    expect(stream.text).toContain('"finish_reason":"stop"')
    const line = await gateway.requestLine(stream.headers['x-request-id'])
    expect(line).toMatchObject({ status: 200, input_tokens: 13, output_tokens: 9 })
  })

  it('is the same when it comes byte by byte', async () => {
    const [whole, slow] = await Promise.all([claude('a whole'), claude('a byte by byte')])
    await Promise.all([whole.end(), slow.end()])
    // The id and the time may be the gateway's own.
    expect(slow.events().length).toBeGreaterThan(2)
    expect(slow.content()).toBe(whole.content())
    expect(slow.events().map(withoutTime)).toEqual(whole.events().map(withoutTime))
  })

  it.each(['a no stop', 'a reset'])('ends in an error event when it is cut: %s', async (prompt) => {
    await expectErrorAfter('Hé', await claude(prompt))
  })

  it('is a plain error when its first event is one', async () => {
    const stream = await (await claude('a error first')).end()
    expect(stream.status).toBeGreaterThanOrEqual(500)
    expect(JSON.parse(stream.text)).toEqual({ detail: 'Overloaded' })
  })

  it('ends in the error event that the provider sent', async () => {
    const stream = await claude('a error later')
    await expectErrorAfter('Hé', stream)
    expect(stream.error()?.message).toBe('Overloaded')
  })
})

function withoutTime(event: string): unknown {
  return JSON.parse(event.replace(/"created":\d+/, '"created":0'))
}
