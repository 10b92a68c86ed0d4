import { describe, expect, test, vi } from 'vitest'
import { makeCall } from '../../test/support/call.ts'
import { makePlan, makeSettings, makeTarget } from '../../test/support/plan.ts'
import { scriptedProvider, type Script } from '../../test/support/scripted-provider.ts'
import type { Call } from '../core/call.ts'
import type { ChatFormat, Dialect } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { Finish, Reply } from '../core/reply.ts'
import { anthropic } from '../dialects/anthropic/client.ts'
import { anthropicMessages } from '../dialects/anthropic/index.ts'
import { openAi } from '../dialects/openai/client.ts'
import { openAiChat } from '../dialects/openai/index.ts'
import { attempt, openContinuation } from './attempt.ts'
import type { PlanTarget } from './plan/plan.ts'
import { pursue } from './plan/pursue.ts'
import { RetryBudget } from './plan/retry-budget.ts'

const EVENTS = 'text/event-stream'
const CUT = new GatewayError('The provider closed the connection.', { kind: 'truncated', status: 502 })
const settings = makeSettings({
  retries: { max: 2, initialMs: 1, maxMs: 1, respectRetryAfter: true, resumesStreams: true },
})

function chunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`
}

const START = chunk({ role: 'assistant', content: 'Hello ' })
const BROKEN: Script = { contentType: EVENTS, chunks: [START, chunk({ content: 'wor' })], cut: CUT }

/** Anthropic's stream of one text. */
function messages(text: string): Script {
  const events = [
    {
      type: 'message_start',
      message: { id: 'msg_2', model: 'claude', usage: { input_tokens: 9, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  ]
  const chunks = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  return { contentType: EVENTS, chunks }
}

interface SpiedTarget extends PlanTarget {
  bodies: string[]
}

function target(name: string, format: ChatFormat, script: Script): SpiedTarget {
  const provider = scriptedProvider(format, script)
  const bodies: string[] = []
  const send = provider.send.bind(provider)
  const spied = {
    ...provider,
    send: vi.fn<typeof provider.send>((asked) => {
      bodies.push(String(asked.body))
      return send(asked)
    }),
  }
  return {
    ...makeTarget(name, {
      settings,
      run: (call) => attempt({ provider: spied }, call),
      open: (call) => openContinuation({ provider: spied }, call),
    }),
    bodies,
  }
}

const CHAT = '{"model":"r","stream":true,"max_tokens":50,"messages":[{"role":"user","content":"Greet."}]}'

function ask(dialect: Dialect, path: string): Call {
  return makeCall(CHAT, { dialect, path })
}

const openAiCall = (): Call => ask(openAi, '/v1/chat/completions')

async function read(reply: Reply): Promise<{ text: string; finish: Finish }> {
  const { body } = reply
  if (body.type !== 'stream') throw new Error('no stream')
  let text = ''
  await new Promise<void>((resolve, reject) => {
    body.source.flow({ data: (bytes) => (text += String(bytes)), end: resolve, error: reject })
  })
  return { text, finish: await reply.finished }
}

function run(targets: readonly PlanTarget[], call: Call): Promise<Reply> {
  const plan = makePlan({ targets, settings })
  return pursue(plan, { budget: new RetryBudget(), random: () => 0 })(call)
}

/** What an application reads of OpenAI's stream. */
function heard(text: string): string {
  const data = [...text.matchAll(/^data: (\{.*\})$/gm)].map((match) => String(match[1]))
  const contents = data.map((json) => /"content":"([^"]*)"/.exec(json)?.[1] ?? '')
  return contents.join('')
}

describe('a stream that breaks off', () => {
  test('goes on with the text of the next target, marked, as one answer', async () => {
    const first = target('a', openAiChat, BROKEN)
    const second = target('b', anthropicMessages, messages('ld!'))
    const call = openAiCall()
    const { text, finish } = await read(await run([first, second], call))
    expect(heard(text)).toBe('Hello world!')
    expect(text).toContain(': resumed by b\n\n')
    expect(text.match(/"role":"assistant"/g)).toHaveLength(1)
    expect(text.match(/"finish_reason":"stop"/g)).toHaveLength(1)
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
    expect(finish).toEqual({
      model: 'm',
      finishReasons: ['stop'],
      usage: expect.objectContaining({ inputTokens: 9, outputTokens: 2 }),
    })
    expect(call.trail.attempts.map(({ target: name, reason }) => [name, reason])).toEqual([
      ['a', 'first'],
      ['b', 'resume'],
    ])
    expect(first.state.failures).toBe(1)
    expect([first.state.inFlight, second.state.inFlight]).toEqual([0, 0])
  })

  test('is continued from what was said', async () => {
    const second = target('b', anthropicMessages, messages('ld!'))
    await read(await run([target('a', openAiChat, BROKEN), second], openAiCall()))
    const [body = '{}'] = second.bodies
    expect(JSON.parse(body)).toMatchObject({
      stream: true,
      messages: [
        { role: 'user', content: 'Greet.' },
        { role: 'assistant', content: 'Hello wor' },
        { role: 'user', content: expect.stringContaining('Continue') },
      ],
    })
  })

  test('goes on in the dialect of any client, with one beginning', async () => {
    const call = ask(anthropic, '/v1/messages')
    const { text } = await read(
      await run(
        [
          target('a', openAiChat, BROKEN),
          target('b', openAiChat, {
            contentType: EVENTS,
            chunks: [chunk({ content: 'ld!' }), chunk({}, 'stop'), 'data: [DONE]\n\n'],
          }),
        ],
        call,
      ),
    )
    expect(text.match(/event: message_start/g)).toHaveLength(1)
    expect(text.match(/event: content_block_start/g)).toHaveLength(1)
    expect([...text.matchAll(/"text_delta","text":"([^"]*)"/g)].map((match) => match[1]).join('')).toBe(
      'Hello world!',
    )
    expect(text).toMatch(/event: message_stop\ndata: .*\n\n$/)
  })

  test('goes on from a third target when the second does not answer, and when it breaks off too', async () => {
    const refuses = target('b', openAiChat, { refusal: CUT })
    const last = target('c', anthropicMessages, messages('ld!'))
    const { text } = await read(await run([target('a', openAiChat, BROKEN), refuses, last], openAiCall()))
    expect(heard(text)).toBe('Hello world!')
    const breaks = target('b', openAiChat, {
      contentType: EVENTS,
      chunks: [chunk({ content: 'l' })],
      cut: CUT,
    })
    const end = target('c', anthropicMessages, messages('d!'))
    const twice = await read(await run([target('a', openAiChat, BROKEN), breaks, end], openAiCall()))
    expect(heard(twice.text)).toBe('Hello world!')
  })

  test('ends with its error when nobody is left', async () => {
    const { text, finish } = await read(await run([target('a', openAiChat, BROKEN)], openAiCall()))
    expect(heard(text)).toBe('Hello wor')
    expect(text).toContain('"error"')
    expect(text).not.toContain('[DONE]')
    expect(finish.error).toMatchObject({ kind: 'truncated' })
  })

  test('with a tool call under way ends with its error: nobody else could go on with that', async () => {
    const call = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"a"' } }
    const calls = { contentType: EVENTS, chunks: [START, chunk({ tool_calls: [call] })], cut: CUT }
    const second = target('b', anthropicMessages, messages('ld!'))
    const { text, finish } = await read(await run([target('a', openAiChat, calls), second], openAiCall()))
    expect(second.bodies).toEqual([])
    expect(text).toContain('"error"')
    expect(finish.error).toMatchObject({ kind: 'truncated' })
  })
})
