import { describe, expect, test } from 'vitest'
import { chat, says } from '../../../test/support/anthropic-writing.ts'
import type { Part } from '../../core/request.ts'
import { writeChat } from './write-request.ts'

describe('cache marks', () => {
  const marked = (text: string): Part => ({ type: 'text', text, cache: {} })

  test('beyond four are taken out of the middle, and named', () => {
    const messages = [
      says('system', marked('1')),
      says('user', marked('2'), { type: 'tool-result', callId: 'a', parts: [marked('3')] }),
      says('assistant', marked('4')),
      says('user', marked('5')),
    ]
    const tools = [{ type: 'function' as const, name: 'f', parameters: {}, cache: {} }]
    const { body, dropped } = writeChat(chat({ messages, tools }), { model: null })
    const texts = body.match(/"text":"(\d)","cache_control"/g)?.map((match) => match.slice(8, 9))
    expect(texts).toEqual(['1', '4', '5'])
    expect(body.match(/cache_control/g)).toHaveLength(4)
    expect(dropped).toEqual(['messages.cache'])
  })

  test('are three beside the one that moves by itself', () => {
    const messages = [says('user', marked('1'), marked('2'), marked('3'), marked('4'))]
    const { body, dropped } = writeChat(chat({ messages, cache: { ttl: '1h' } }), { model: null })
    expect(body.match(/cache_control/g)).toHaveLength(4)
    expect(body).toContain('"cache_control":{"type":"ephemeral","ttl":"1h"}')
    expect(dropped).toEqual(['messages.cache'])
  })

  test('up to four stay', () => {
    const messages = [says('user', marked('1'), marked('2'), marked('3'), marked('4'))]
    expect(writeChat(chat({ messages }), { model: null }).dropped).toEqual([])
  })
})
