import { beforeEach, describe, expect, test, vi } from 'vitest'
import { BREAKER } from '../../../test/support/plan.ts'
import { Breaker, type BreakerListener } from './breaker.ts'

const { failures, windowMs, cooldownMs } = BREAKER

let breaker: Breaker
const listener = vi.fn<BreakerListener>()

beforeEach(() => {
  listener.mockClear()
  breaker = new Breaker(listener)
})

function failOften(times: number, now = 0): void {
  for (let index = 0; index < times; index++) breaker.fail(now, BREAKER)
}

describe('a closed breaker', () => {
  test('opens with as many failures as are too many', () => {
    failOften(failures - 1)
    expect(breaker.state(0)).toBe('closed')
    failOften(1)
    expect(breaker.state(0)).toBe('open')
    expect(breaker.isPassable(0)).toBe(false)
    expect(breaker.remainingMs(0)).toBe(cooldownMs)
  })

  test('forgets failures that the window has left behind', () => {
    failOften(failures - 1)
    failOften(1, windowMs)
    expect(breaker.state(windowMs)).toBe('closed')
  })

  test.each([
    ['before the failures', true],
    ['after them', false],
  ])('stays closed while failures are a small share of what was tried %s', (_when, isBefore) => {
    const succeedOften = (): void => {
      for (let index = 0; index < 20; index++) breaker.succeed(0, BREAKER)
    }
    if (isBefore) succeedOften()
    failOften(failures - 1)
    if (!isBefore) succeedOften()
    failOften(1)
    expect(breaker.state(0)).toBe('closed')
  })

  test('opens when the share is reached exactly', () => {
    for (let index = 0; index < failures; index++) breaker.succeed(0, BREAKER)
    failOften(failures)
    expect(breaker.state(0)).toBe('open')
  })

  test('counts an answer that breaks off once, as a failure', () => {
    const strict = { ...BREAKER, share: 1 }
    for (let index = 0; index < failures; index++) {
      breaker.succeed(0, strict)
      breaker.breakOff(0, strict)
    }
    expect(breaker.state(0)).toBe('open')
  })

  test('can be tripped without counting', () => {
    breaker.trip(0, 1000)
    expect(breaker.state(999)).toBe('open')
    expect(breaker.state(1000)).toBe('half-open')
  })

  test('does not hang over a window of no length', () => {
    const never = { ...BREAKER, windowMs: 0 }
    for (let index = 0; index < failures; index++) breaker.fail(1000, never)
    expect(breaker.state(1000)).toBe('open')
  })
})

describe('an open breaker', () => {
  beforeEach(() => failOften(failures))

  test('lets exactly one through when it is half-open', () => {
    expect(breaker.isPassable(cooldownMs - 1)).toBe(false)
    expect(breaker.isPassable(cooldownMs)).toBe(true)
    expect(breaker.enter(cooldownMs)).toBe(true)
    expect(breaker.isPassable(cooldownMs)).toBe(false)
    expect(breaker.isPassable(cooldownMs * 9)).toBe(false)
  })

  test('is closed by the success of the one that tries, and has forgotten its failures', () => {
    breaker.enter(cooldownMs)
    breaker.succeed(cooldownMs, BREAKER)
    failOften(failures - 1, cooldownMs)
    expect(breaker.state(cooldownMs)).toBe('closed')
  })

  test('is open for another cooldown when the one that tries fails, whatever the window says', () => {
    const later = windowMs * 3
    breaker.enter(later)
    breaker.fail(later, BREAKER)
    expect(breaker.state(later)).toBe('open')
    expect(breaker.remainingMs(later)).toBe(cooldownMs)
    expect(breaker.isPassable(later + cooldownMs)).toBe(true)
  })

  test('lets another try when the first one came to no end', () => {
    breaker.enter(cooldownMs)
    breaker.abandon()
    expect(breaker.isPassable(cooldownMs)).toBe(true)
  })

  test('is entered by nobody that tries while it is open, nor by a second', () => {
    expect(breaker.enter(1)).toBe(false)
    breaker.enter(cooldownMs)
    expect(breaker.enter(cooldownMs)).toBe(false)
  })
})

describe('the listener of a breaker', () => {
  test('is told of each change once', () => {
    failOften(failures + 3)
    breaker.enter(cooldownMs)
    breaker.fail(cooldownMs, BREAKER)
    breaker.enter(2 * cooldownMs)
    breaker.succeed(2 * cooldownMs, BREAKER)
    breaker.succeed(2 * cooldownMs, BREAKER)
    expect(listener.mock.calls).toEqual([
      ['open', cooldownMs],
      ['open', cooldownMs],
      ['closed', 0],
    ])
  })

  test('is not told what it has told', () => {
    breaker.openUntil(100)
    expect(breaker.state(99)).toBe('open')
    breaker.close()
    expect(breaker.state(99)).toBe('closed')
    expect(listener).not.toHaveBeenCalled()
  })
})
