import { describe, expect, test } from 'vitest'
import { makeCall } from '../../../test/support/call.ts'
import { makeGroup, makeTarget } from '../../../test/support/plan.ts'
import type { Call } from '../../core/call.ts'
import type { AffinitySettings } from '../../core/plan-settings.ts'
import { openAi } from '../../dialects/openai/client.ts'
import { conversationOf, targetFor } from './affinity.ts'
import type { Group, PlanTarget } from './plan.ts'

const USER = { role: 'user', content: 'Hello' }
const FREE = { headers: new Map([['x-tier', ['free']]]) }

function chat(body: object = {}, headers: Record<string, string> = {}): Call {
  return makeCall(JSON.stringify({ model: 'r', messages: [USER], ...body }), {
    dialect: openAi,
    path: '/v1/chat/completions',
    headers,
  })
}

function conversation(by: AffinitySettings['by'] | undefined, call: Call): string | undefined {
  return conversationOf(call, by && { by })
}

describe('what makes a conversation', () => {
  test.each([
    'x-session-id',
    'x-session-affinity',
    'x-claude-code-session-id',
    'session_id',
    'session-id',
    'conversation_id',
    'x-opencode-session',
  ])('is the session that %s names, without any settings', (name) => {
    expect(conversation(undefined, chat({}, { [name]: 's-1' }))).toBe('s-1')
    expect(conversation('session', chat({}, { [name]: 's-1' }))).toBe('s-1')
  })

  test('is nothing without settings and headers, or with an empty header', () => {
    expect(conversation(undefined, chat({ user: 'u', prompt_cache_key: 'k' }))).toBeUndefined()
    expect(conversation(undefined, chat({}, { 'x-session-id': '' }))).toBeUndefined()
  })

  test('is the next best by session: the cache key, the user, the opening', () => {
    expect(conversation('session', chat({ user: 'u', prompt_cache_key: 'k' }))).toBe('k')
    expect(conversation('session', chat({ user: 'u', prompt_cache_key: '' }))).toBe('u')
    expect(conversation('session', chat())).toBe(conversation('messages', chat()))
  })

  test.each([
    ['prompt_cache_key', { prompt_cache_key: 'k' }, 'k'],
    ['user', { user: 'u' }, 'u'],
    ['prompt_cache_key', { user: 'u' }, undefined],
    ['user', { prompt_cache_key: 'k' }, undefined],
  ] as const)('is by %s, and by that alone, for %j', (by, body, expected) => {
    expect(conversation(by, chat(body, { 'x-session-id': 's' }))).toBe(expected)
  })

  test('is by messages the same while it grows, and another with another opening', () => {
    const instructions = { role: 'system', content: 'Be brief.' }
    const opening = conversation('messages', chat({ messages: [instructions, USER] }))
    const later = [
      instructions,
      USER,
      { role: 'assistant', content: 'Hi.' },
      { role: 'user', content: 'Bye' },
    ]
    expect(conversation('messages', chat({ messages: later }))).toBe(opening)
    expect(conversation('messages', chat({ messages: [USER] }))).not.toBe(opening)
    expect(opening).not.toContain('brief')
  })

  test('is of headers alone for what is no chat', () => {
    const call = makeCall('{"input":"a"}', { type: 'llm/v1/embeddings', headers: { session_id: 's' } })
    expect(conversation('session', call)).toBe('s')
    expect(conversation('user', call)).toBeUndefined()
  })
})

const CONVERSATIONS = Array.from({ length: 1000 }, (_, index) => `conversation ${index}`)

function homes(
  group: Group,
  mayUse: (target: PlanTarget) => boolean = () => true,
  call: Call = chat(),
): string[] {
  return CONVERSATIONS.map((one) => targetFor(one, group, { call, mayUse })?.name ?? 'none')
}

function share(names: string[], name: string): number {
  return names.filter((one) => one === name).length / names.length
}

const three = [
  { weight: 3, inside: makeTarget('a') },
  { weight: 2, inside: makeTarget('b') },
  { weight: 1, inside: makeTarget('c') },
]

describe('the target of a conversation', () => {
  test('is the same every time and in every worker', () => {
    const copy = three.map(({ weight, inside: { name } }) => ({ weight, inside: makeTarget(name) }))
    expect(homes(makeGroup({ targets: three }))).toEqual(homes(makeGroup({ targets: copy.toReversed() })))
  })

  test('is each in its share', () => {
    const names = homes(makeGroup({ targets: three }))
    expect(share(names, 'a')).toBeCloseTo(1 / 2, 1)
    expect(share(names, 'b')).toBeCloseTo(1 / 3, 1)
    expect(share(names, 'c')).toBeCloseTo(1 / 6, 1)
  })

  test.each([
    ['is unhealthy', makeGroup({ targets: three }), ({ name }: PlanTarget): boolean => name !== 'b'],
    [
      'is gone',
      makeGroup({ targets: three.filter(({ inside: { name } }) => name !== 'b') }),
      (): boolean => true,
    ],
    [
      'is drained',
      makeGroup({ targets: three.map((one) => (one.inside.name === 'b' ? { ...one, weight: 0 } : one)) }),
      (): boolean => true,
    ],
  ])('moves only when its own %s, and then to the others in their shares', (_what, group, mayUse) => {
    const before = homes(makeGroup({ targets: three }))
    const after = homes(group, mayUse)
    const moved = after.filter((name, index) => name !== before[index])
    expect(after).not.toContain('b')
    expect(moved).toHaveLength(before.filter((name) => name === 'b').length)
    expect(share(moved, 'a')).toBeCloseTo(3 / 4, 1)
  })

  test('shares a group by its weights within', () => {
    const inside = makeGroup({
      targets: [
        { weight: 1, inside: makeTarget('b#1') },
        { weight: 3, inside: makeTarget('b#2') },
      ],
    })
    const names = homes(makeGroup({ targets: [makeTarget('a'), { weight: 1, inside }] }))
    expect(share(names, 'a')).toBeCloseTo(1 / 2, 1)
    expect(share(names, 'b#2')).toBeCloseTo(3 / 8, 1)
  })

  test('fits the conditions, and is none when nothing does', () => {
    const targets = [makeTarget('a'), { weight: 5, condition: FREE, inside: makeTarget('free') }]
    expect(new Set(homes(makeGroup({ targets })))).toEqual(new Set(['a']))
    expect(homes(makeGroup({ targets }), undefined, chat({}, { 'x-tier': 'free' }))).toContain('free')
    expect(new Set(homes(makeGroup({ targets }), () => false))).toEqual(new Set(['none']))
  })
})
