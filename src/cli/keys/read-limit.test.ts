import { describe, expect, test } from 'vitest'
import { readLimitWords } from './read-limit.ts'

describe('a limit in words', () => {
  test.each([
    [
      '600 requests per minute',
      { meter: 'requests', most: 600, window: { kind: 'calendar', per: 'minute' } },
    ],
    [
      '1_000_000 tokens per 24h',
      { meter: 'tokens', most: 1_000_000, window: { kind: 'rolling', ms: 86_400_000 } },
    ],
    ['500 usd per month', { meter: 'cost', most: 500, window: { kind: 'calendar', per: 'month' } }],
    ['$0.5 USD per day rolling', { meter: 'cost', most: 0.5, window: { kind: 'rolling', ms: 86_400_000 } }],
    ['1 request per second', { meter: 'requests', most: 1, window: { kind: 'calendar', per: 'second' } }],
    ['20 concurrent', { meter: 'concurrent', most: 20 }],
  ])('%s', (text, rule) => {
    expect(readLimitWords([text])).toMatchObject([{ ...rule, by: 'all', action: 'reject' }])
  })

  test.each([
    ['many requests', '"many requests" is no limit'],
    ['5 apples per day', '"5 apples per day" is no limit'],
    ['5 requests', 'has no period'],
    ['5 requests per fortnight', 'is not a period'],
    ['5 requests per minut', 'did you mean "minute"'],
    ['5 concurrent per day', 'has no meaning for "concurrent"'],
    ['0 requests per day', 'at least 1'],
    ['1.5 requests per day', 'requests per day'],
    ['-5 usd per day', 'is no limit'],
  ])('%s is refused', (text, problem) => {
    expect(readLimitWords(['1 request per day', text])).toContain(problem)
  })
})
