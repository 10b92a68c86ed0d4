import { expect, test } from 'vitest'
import { makeCall } from '../../test/support/call.ts'
import type { UpstreamFormat } from '../core/dialect.ts'
import type { Provider } from '../core/provider.ts'
import { anthropicMessages } from '../dialects/anthropic/index.ts'
import { openAi } from '../dialects/openai/client.ts'
import { openAiChat, openAiEmbeddings } from '../dialects/openai/index.ts'
import { chooseFormat, notServed } from './choose-format.ts'

function provider(...formats: UpstreamFormat[]): Provider {
  return {
    name: 'p',
    model: 'm',
    formats,
    send: () => Promise.reject(new Error('not called')),
    secrets: [],
    close: () => Promise.resolve(),
  }
}

const { request } = makeCall('{"model":"r","messages":[]}', { dialect: openAi, path: '/v1/chat/completions' })

test("the client's own format is chosen before the preferred one", () => {
  expect(chooseFormat(provider(anthropicMessages, openAiChat), request)).toBe(openAiChat)
})

test('the preferred format of the operation serves all others', () => {
  expect(chooseFormat(provider(openAiEmbeddings, anthropicMessages), request)).toBe(anthropicMessages)
})

test('what no format serves is refused', () => {
  expect(chooseFormat(provider(openAiEmbeddings), request)).toBeUndefined()
  expect(notServed(provider(), request)).toMatchObject({ kind: 'bad_request', status: 422 })
})
