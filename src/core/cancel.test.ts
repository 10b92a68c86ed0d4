import { describe, expect, test, vi } from 'vitest'
import { Cancellation } from './cancel.ts'
import { GatewayError } from './error.ts'

const first = new GatewayError('first', { kind: 'timeout', status: 504 })
const second = new GatewayError('second', { kind: 'canceled', status: 499 })

describe('a cancellation', () => {
  test('tells its listeners once, in the order in which they came', () => {
    const cancellation = new Cancellation()
    const told: string[] = []
    cancellation.addEventListener('abort', () => told.push('a'))
    cancellation.addEventListener('abort', () => told.push('b'))
    expect(cancellation.aborted).toBe(false)
    cancellation.abort(first)
    cancellation.abort(second)
    expect(told).toEqual(['a', 'b'])
  })

  test('keeps its first reason', () => {
    const cancellation = new Cancellation()
    expect(cancellation.reason).toBeUndefined()
    cancellation.abort(first)
    cancellation.abort(second)
    expect(cancellation).toMatchObject({ aborted: true, reason: first })
  })

  test('is aborted before its listeners are told', () => {
    const cancellation = new Cancellation()
    const seen: unknown[] = []
    cancellation.addEventListener('abort', () => seen.push(cancellation.aborted, cancellation.reason))
    cancellation.abort(first)
    expect(seen).toEqual([true, first])
  })

  test('does not tell a listener that was removed, and tells one that was added twice once per addition', () => {
    const cancellation = new Cancellation()
    const removed = vi.fn<() => void>()
    const unknown = vi.fn<() => void>()
    const twice = vi.fn<() => void>()
    cancellation.addEventListener('abort', removed)
    cancellation.addEventListener('abort', twice)
    cancellation.addEventListener('abort', twice)
    cancellation.removeEventListener('abort', removed)
    cancellation.removeEventListener('abort', unknown)
    cancellation.abort(first)
    expect(removed).not.toHaveBeenCalled()
    expect(twice).toHaveBeenCalledTimes(2)
  })

  test('tells every listener even when one of them removes itself or another', () => {
    const cancellation = new Cancellation()
    const last = vi.fn<() => void>()
    const self = (): void => cancellation.removeEventListener('abort', self)
    cancellation.addEventListener('abort', self)
    cancellation.addEventListener('abort', last)
    cancellation.abort(first)
    expect(last).toHaveBeenCalledOnce()
  })
})

describe('a cancellation with a parent', () => {
  test('is aborted with it, for the same reason', () => {
    const parent = new Cancellation()
    const child = new Cancellation(parent)
    const told = vi.fn<() => void>()
    child.addEventListener('abort', told)
    parent.abort(first)
    expect(child).toMatchObject({ aborted: true, reason: first })
    expect(told).toHaveBeenCalledOnce()
  })

  test('is aborted from the beginning when the parent is', () => {
    const parent = new Cancellation()
    parent.abort(first)
    expect(new Cancellation(parent)).toMatchObject({ aborted: true, reason: first })
  })

  test('can be aborted without it', () => {
    const parent = new Cancellation()
    const child = new Cancellation(parent)
    child.abort(first)
    expect(parent.aborted).toBe(false)
    parent.abort(second)
    expect(child.reason).toBe(first)
  })

  test('no longer follows it once released', () => {
    const parent = new Cancellation()
    const child = new Cancellation(parent)
    child.release()
    child.release()
    parent.abort(first)
    expect(child.aborted).toBe(false)
  })

  test('leaves no listener behind at the parent, released or aborted', () => {
    const parent = new Cancellation()
    const remove = vi.spyOn(parent, 'removeEventListener')
    const add = vi.spyOn(parent, 'addEventListener')
    new Cancellation(parent).release()
    new Cancellation(parent).abort(first)
    expect(add).toHaveBeenCalledTimes(2)
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(
      add.mock.calls.map(([, listener]) => listener),
    )
  })

  test('follows a platform signal too, whose own reason is not shown', () => {
    const controller = new AbortController()
    const child = new Cancellation(controller.signal)
    controller.abort(new Error('sk-canary'))
    expect(child.reason).toMatchObject({ kind: 'internal', status: 500 })
    expect(child.reason?.message).not.toContain('sk-canary')
  })
})
