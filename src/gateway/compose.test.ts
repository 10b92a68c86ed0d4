import { expect, test } from 'vitest'
import type { Layer, Next } from '../core/policy.ts'
import type { Reply } from '../core/reply.ts'
import { makeCall } from '../../test/support/call.ts'
import { compose } from './compose.ts'

const CHAT = '{"messages":[{"role":"user","content":"hi"}]}'

const REPLY: Reply = { body: { type: 'whole', text: '{}' }, dropped: [], finished: Promise.resolve({}) }

test('the first layer is outermost, and the core is innermost', async () => {
  const steps: string[] = []
  const layer =
    (name: string): Layer =>
    async (call, next) => {
      steps.push(`${name} in`)
      const reply = await next(call)
      steps.push(`${name} out`)
      return reply
    }
  const core: Next = () => {
    steps.push('core')
    return Promise.resolve(REPLY)
  }
  await expect(compose([layer('a'), layer('b')], core)(makeCall(CHAT))).resolves.toBe(REPLY)
  expect(steps).toEqual(['a in', 'b in', 'core', 'b out', 'a out'])
})

test('without layers there is only the core', () => {
  const core: Next = () => Promise.resolve(REPLY)
  expect(compose([], core)).toBe(core)
})

test('a layer may pass on another call, try twice, or answer for itself', async () => {
  const ids: string[] = []
  const core: Next = (call) => {
    ids.push(call.id)
    return ids.length === 1 ? Promise.reject(new Error('first')) : Promise.resolve(REPLY)
  }
  const rename: Layer = (call, next) => next({ ...call, id: 'renamed' })
  const retry: Layer = (call, next) => next(call).catch(() => next(call))
  const run = compose([rename, retry], core)
  await run(makeCall(CHAT))
  await run(makeCall(CHAT))
  expect(ids).toEqual(['renamed', 'renamed', 'renamed'])
  await expect(compose([(): Promise<Reply> => Promise.resolve(REPLY)], core)(makeCall(CHAT))).resolves.toBe(
    REPLY,
  )
  expect(ids).toHaveLength(3)
})
