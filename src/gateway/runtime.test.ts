import { Gate } from '../auth/gate.ts'
import { describe, expect, test, vi } from 'vitest'
import { makeRoute } from '../../test/support/plan.ts'
import { CurrentRuntime, Runtime, type Route } from './runtime.ts'

const SETTINGS = { invocationsShape: 'mlflow', bodyLimit: 1024 } as const

function make(...names: string[]): { runtime: Runtime; routes: Route[]; close: () => Promise<void> } {
  const close = vi.fn<() => Promise<void>>(() => Promise.resolve())
  const routes = names.map((name): Route => {
    const info = { name, type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } } as const
    return makeRoute(info, () => Promise.reject(new Error('not called')), close)
  })
  return {
    runtime: new Runtime({ generation: 7, gate: new Gate(undefined), settings: SETTINGS, routes }),
    routes,
    close,
  }
}

describe('a runtime', () => {
  test('lists its routes in their order and finds them by name', () => {
    const { runtime, routes } = make('b', 'a')
    expect(runtime.list().map(({ name }) => name)).toEqual(['b', 'a'])
    expect(runtime.find('a')).toBe(routes[1]?.info)
    expect(runtime.route('b')).toBe(routes[0])
    expect(runtime.find('c')).toBeUndefined()
    expect(runtime.route('__proto__')).toBeUndefined()
    expect(runtime).toMatchObject({ generation: 7, settings: SETTINGS })
  })

  test('closes every route at once when it retires idle', async () => {
    const { runtime, close } = make('a', 'b')
    await runtime.retire()
    expect(close).toHaveBeenCalledTimes(2)
  })

  test('closes only with the last of its requests', async () => {
    const { runtime, close } = make('a')
    runtime.acquire()
    runtime.acquire()
    await runtime.retire()
    await runtime.release()
    expect(close).not.toHaveBeenCalled()
    await runtime.release()
    expect(close).toHaveBeenCalledOnce()
  })

  test('stays open while it is in use, however often it is idle', async () => {
    const { runtime, close } = make('a')
    for (let i = 0; i < 3; i++) {
      runtime.acquire()
      await runtime.release()
    }
    expect(close).not.toHaveBeenCalled()
  })
})

describe('the current runtime', () => {
  test('is the next one from the moment of the switch, and the old one closes when idle', async () => {
    const old = make('a')
    const next = make('a')
    const current = new CurrentRuntime(old.runtime)
    old.runtime.acquire()
    const switched = current.switchTo(next.runtime)
    expect(current.get()).toBe(next.runtime)
    await switched
    expect(old.close).not.toHaveBeenCalled()
    await old.runtime.release()
    expect(old.close).toHaveBeenCalledOnce()
    expect(next.close).not.toHaveBeenCalled()
  })
})
