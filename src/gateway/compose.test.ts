import { expect, test } from 'vitest'
import type { Layer, Next } from '../core/policy.ts'
import type { Reply } from '../core/reply.ts'
import type { Call } from '../core/call.ts'
import { mlflow } from '../dialects/mlflow/index.ts'
import { Cancellation } from '../core/cancel.ts'
import { compose } from './compose.ts'

function makeCall(): Call {
  const route = { name: 'r', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } } as const
  const [endpoint] = mlflow.endpoints
  if (!endpoint) throw new Error('no endpoint')
  const format = endpoint.format(route, { headers: {} }, { invocationsShape: 'mlflow', bodyLimit: 1 })
  const request = format.read(Buffer.from('{"messages":[{"role":"user","content":"hi"}]}'), undefined)
  return { id: 'c', route, format, request, signal: new Cancellation() }
}

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
  await expect(compose([layer('a'), layer('b')], core)(makeCall())).resolves.toBe(REPLY)
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
  await run(makeCall())
  await run(makeCall())
  expect(ids).toEqual(['renamed', 'renamed', 'renamed'])
  await expect(compose([(): Promise<Reply> => Promise.resolve(REPLY)], core)(makeCall())).resolves.toBe(REPLY)
  expect(ids).toHaveLength(3)
})
