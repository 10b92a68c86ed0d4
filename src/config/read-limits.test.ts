import { describe, expect, test } from 'vitest'
import { sampleRegistry } from '../../test/support/sample-registry.ts'
import { printIssue } from './issue.ts'
import { parseConfig } from './load.ts'

function read(limit: string): ReturnType<typeof parseConfig> {
  return parseConfig(`limits:\n  - ${limit}\nroutes: []\n`, { file: 'g', env: {}, registry: sampleRegistry })
}

function issuesOf(limit: string): string[] {
  const result = read(limit)
  return result.ok ? [] : result.issues.map(printIssue)
}

describe('a limit', () => {
  test.each([
    [
      '{requests: 600, per: minute, by: key}',
      { meter: 'requests', most: 600, by: 'key', window: { kind: 'calendar', per: 'minute' } },
    ],
    [
      '{tokens: 10, per: day, window: rolling}',
      { meter: 'tokens', by: 'all', window: { kind: 'rolling', ms: 86_400_000 } },
    ],
    [
      '{cost: 10.5, per: 90s, by: "tag:project"}',
      { meter: 'cost', most: 10.5, by: 'tag:project', window: { kind: 'rolling', ms: 90_000 } },
    ],
    ['{concurrent: 20, by: user}', { meter: 'concurrent', most: 20, action: 'reject', alertAt: [] }],
    ['{cost: 1, per: month, action: alert}', { action: 'alert', alertAt: [1] }],
    ['{cost: 1, per: month, alert_at: [1, 0.5, 0.5]}', { action: 'reject', alertAt: [0.5, 1] }],
  ])('%s', (limit, expected) => {
    const result = read(limit)
    expect(result.ok && result.config.limits).toMatchObject([expected])
  })

  test.each([
    ['{per: minute}', 'says not what it limits'],
    ['{requests: 1, tokens: 2, per: minute}', 'limits requests and tokens'],
    ['{requests: 1}', 'has no period'],
    ['{requests: 1, per: minuet}', 'did you mean "minute"?'],
    ['{requests: 1, per: 90s, window: calendar}', 'is no period of the calendar'],
    ['{concurrent: 1, per: minute}', 'has no meaning for "concurrent"'],
    ['{requests: 1, per: minute, by: everyone}', 'write key, user, team, route, all'],
    ['{cost: 0, per: day}', 'out of range'],
    ['{requests: 1, per: minute, alert_at: [2]}', 'out of range'],
  ])('%s is a mistake', (limit, message) => {
    expect(issuesOf(limit)).toEqual([expect.stringContaining(message)])
  })

  test('keeps its name when others are put before it and its number changes', () => {
    const idsOf = (text: string): unknown => {
      const result = parseConfig(text, { file: 'g', env: {}, registry: sampleRegistry })
      return result.ok && result.config.limits?.map(({ id }) => id)
    }
    expect(idsOf('limits: [{tokens: 5, per: day}, {requests: 7, per: hour, by: key}]\nroutes: []')).toEqual([
      'limits|tokens/day/all',
      'limits|requests/hour/key',
    ])
    expect(idsOf('limits: [{requests: 9, per: hour, by: key}]\nroutes: []')).toEqual([
      'limits|requests/hour/key',
    ])
  })
})
