import { expect, it } from 'vitest'
import type { Provider } from '../../core/provider.ts'
import { ClientKeyed } from './client-keyed.ts'

function newKeyed(): { keyed: ClientKeyed; closed: string[] } {
  const closed: string[] = []
  const create = (key: { reveal(): string }): Provider => ({
    name: key.reveal(),
    model: null,
    formats: [],
    secrets: [],
    send: () => Promise.reject(new Error('not asked')),
    close: async () => void closed.push(key.reveal()),
  })
  return { keyed: new ClientKeyed(create), closed }
}

it('keeps the connections of a key from one request to the next', () => {
  const { keyed } = newKeyed()
  const first = keyed.use('a')
  first.release()
  expect(keyed.use('a').provider).toBe(first.provider)
  expect(keyed.use('b').provider).not.toBe(first.provider)
})

it('closes those that were not used for long, but none that is in use', () => {
  const { keyed, closed } = newKeyed()
  const busy = keyed.use('busy')
  for (let i = 0; i < 40; i++) keyed.use(`k${i}`).release()
  expect(closed).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7'])
  busy.release()
  expect(closed).toContain('busy')
})

it('closes all in the end', async () => {
  const { keyed, closed } = newKeyed()
  keyed.use('a').release()
  const b = keyed.use('b')
  await keyed.close()
  expect(closed).toEqual(['a'])
  b.release()
  expect(closed).toEqual(['a', 'b'])
})
