import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  attemptOf,
  receive,
  scriptedProvider,
  temporaryDirectory,
} from '../../test/support/scripted-provider.ts'
import { builtIn } from '../config/registry.ts'
import type { UpstreamFormat } from '../core/dialect.ts'
import type { Provider } from '../core/provider.ts'
import { anthropicMessages } from '../dialects/anthropic/index.ts'
import { bedrockConverse } from '../dialects/bedrock/index.ts'
import { openAiChat } from '../dialects/openai/index.ts'
import { recordTraffic } from '../gateway/recording/record-traffic.ts'
import { replay } from './replay.ts'

const CONFIG = `
routes:
  - {name: same, type: llm/v1/chat, model: {provider: mock, name: mock-1}}
  - {name: other, type: llm/v1/chat, model: {provider: mock, name: mock-1, config: {reply: Something else}}}
  - {name: down, type: llm/v1/chat, model: {provider: mock, config: {error_rate: 1, error_kind: rate_limit}}}
`

let configPath = ''
let cassettes = ''

beforeEach(() => {
  const directory = temporaryDirectory()
  configPath = join(directory, 'gateway.yaml')
  cassettes = join(directory, 'cassettes')
  writeFileSync(configPath, CONFIG)
})

const MESSAGES = [{ role: 'user', content: 'Say hello to the world.' }]

function chat(more: object = {}): string {
  return JSON.stringify({ model: 'mock-1', messages: MESSAGES, ...more })
}

/** What a provider answers to each body, in the directory. */
async function record(provider: Provider, ...bodies: string[]): Promise<void> {
  const recorded = recordTraffic(provider, { path: cassettes, route: 'r', target: 't' })
  for (const body of bodies) {
    await receive(recorded, attemptOf(recorded, body, { stream: body.includes('"stream":true') }))
  }
  await recorded.close()
}

function mock(): Provider {
  const definition = builtIn.providers.find(({ name }) => name === 'mock')
  if (!definition) throw new Error('there is no mock')
  return definition.create({ model: 'mock-1', config: {} })
}

function scripted(format: UpstreamFormat, answer: string): Provider {
  return scriptedProvider(format, { chunks: [answer] })
}

async function run(
  route: string,
  more: { json?: string } = {},
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const out = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => Boolean((said.out += String(text))))
  const err = vi
    .spyOn(process.stderr, 'write')
    .mockImplementation((text) => Boolean((said.err += String(text))))
  try {
    return { code: await replay(cassettes, { configPath, route, concurrency: 4, ...more }), ...said }
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

/** The table's row of the first cassette, with one space between its columns. */
function firstRow(out: string): string {
  return (out.split('\n')[1] ?? '').replaceAll(/ +/g, ' ')
}

describe('recorded traffic, sent again', () => {
  test('to the same model is answered the same, whole and streamed', async () => {
    await record(mock(), chat(), chat({ stream: true, stream_options: { include_usage: true } }))
    const { code, out } = await run('same')
    expect(code).toBe(0)
    expect(out).toMatch(/^cassette +status +first ms +total ms +input +output +cost USD +text\n/)
    expect(out).toContain('2 sent again, 0 failed\n')
    expect(out).toContain('texts      100 % equal, 100 % alike\n')
    expect(firstRow(out)).toMatch(/ 200 .* equal$/)
  })

  test('to another model is compared with what was recorded', async () => {
    await record(mock(), chat())
    const json = join(temporaryDirectory(), 'out.json')
    const { code, out } = await run('other', { json })
    expect(code).toBe(0)
    expect(out).toContain('texts      0 % equal')
    const { summary, comparisons } = JSON.parse(readFileSync(json, 'utf8'))
    expect(summary).toMatchObject({ ran: 1, failed: 0, equalTexts: 0 })
    expect(summary.outputTokens.now).toBeLessThan(summary.outputTokens.recorded)
    expect(comparisons).toMatchObject([
      { format: 'openai-chat', now: { status: 200, error: null, costUsd: null } },
    ])
    expect(readFileSync(json, 'utf8')).not.toContain('hello')
  })

  test('goes through the dialect that it was recorded in', async () => {
    const answer = {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'Something else' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 9, output_tokens: 2 },
    }
    await record(scripted(anthropicMessages, JSON.stringify(answer)), chat({ max_tokens: 9 }))
    const { code, out } = await run('other')
    expect(code).toBe(0)
    expect(firstRow(out)).toMatch(/ equal$/)
  })

  test('fails where the route does', async () => {
    await record(mock(), chat())
    const { code, out } = await run('down')
    expect(code).toBe(1)
    expect(out).toContain('1 sent again, 1 failed\n')
    expect(firstRow(out)).toContain('200 > 429 rate_limit')
  })

  test('may have failed when it was recorded', async () => {
    await record(
      scriptedProvider(openAiChat, { status: 503, chunks: ['{"error":{"message":"busy"}}'] }),
      chat(),
    )
    const { code, out } = await run('same')
    expect(code).toBe(0)
    expect(firstRow(out)).toMatch(/ 503 \w+ > 200 /)
  })

  test('leaves out what no client speaks, and says so', async () => {
    await record(mock(), chat())
    await record(scripted(bedrockConverse, '{"stopReason":"end_turn"}'), '{"messages":[]}')
    const { code, out } = await run('same')
    expect(code).toBe(0)
    expect(out).toContain('not sent   1 (bedrock-converse)\n')
  })
})

describe('a wrong call', () => {
  test('names the routes there are', async () => {
    await record(mock(), chat())
    const { code, err } = await run('nowhere')
    expect(code).toBe(2)
    expect(err).toBe(`error: option '--route': there is no route "nowhere"; the file has same, other, down\n`)
  })

  test('says what is wrong with the directory', async () => {
    const { code, err } = await run('same')
    expect(code).toBe(2)
    expect(err).toMatch(/^error: ".*" cannot be replayed: there is no such directory/)
  })

  test('says what is wrong with the configuration', async () => {
    writeFileSync(configPath, 'routes: 7\n')
    const { code, err } = await run('same')
    expect(code).toBe(2)
    expect(err).toContain('gateway.yaml:1')
  })
})
