import { describe, expect, it } from 'vitest'
import { dryRuntime } from '../../../test/support/explain.ts'
import { Secret } from '../../core/secret.ts'
import type { TargetReport } from '../plan/report.ts'
import { reportTargets } from '../plan/report.ts'
import { answerQuestion, type DryRuntime } from './answer-question.ts'
import type { Explanation } from './explanation.ts'
import { printExplanation } from './print-explanation.ts'
import type { Question } from './read-question.ts'

const BODY = '{"model":"smart", "messages":[{"role":"user","content":"hello"}]}'

function model(name: string, key = `sk-secret-${name}`): string {
  return `model: {provider: openai, name: ${name}, config: {openai_api_key: ${key}, openai_api_base: 'http://127.0.0.1:9/v1'}}`
}

const SMART = `
routes:
  - name: smart
    type: llm/v1/chat
    targets:
      - {${model('a')}, weight: 60, keys: [{openai_api_key: sk-key-one, weight: 2}, {openai_api_key: sk-key-two}]}
      - {route: inner, weight: 30}
      - {${model('drained')}, weight: 0}
      - {${model('paid')}, weight: 10, when: {header.x-tier: [paid, gold]}}
    fallbacks: [{route: spare, on: [overloaded, rate_limit]}]
    limit: {calls: 1, renewal_period: minute}
    cache: {ttl: 5m}
  - name: inner
    type: llm/v1/chat
    strategy: priority
    timeout: {total: 7s}
    targets: [{${model('i1')}}, {${model('i2')}}]
  - {name: spare, type: llm/v1/chat, model: {provider: anthropic, name: claude-sonnet-4-5, config: {anthropic_api_key: sk-spare-secret}}}
`

interface Asked extends Partial<Omit<Question, 'body'>> {
  route?: string
  body?: string
  /** By target: what workers say. */
  states?: Readonly<Record<string, Partial<TargetReport>>>
}

function ask(
  dry: DryRuntime,
  { route = 'smart', body = BODY, states = {}, ...more }: Asked = {},
): Promise<Explanation> {
  const reports = reportTargets(dry.runtime.routes(), 0)
  for (const report of reports) Object.assign(report, states[report.target])
  return answerQuestion(dry, { ...more, route, body: Buffer.from(body) }, reports)
}

describe('the targets', () => {
  it('are all there, with keys and those of other routes, their weights and shares', async () => {
    const { targets } = await ask(dryRuntime(SMART))
    expect(targets.map(({ route, target, weights, share }) => [route, target, weights, share])).toEqual([
      ['smart', 'openai/a#1', [60, 2], expect.closeTo(4 / 9)],
      ['smart', 'openai/a#2', [60, 1], expect.closeTo(2 / 9)],
      ['inner', 'openai/i1', [30, 1], expect.closeTo(1 / 3)],
      ['inner', 'openai/i2', [30, 1], 0],
      ['smart', 'openai/drained', [0], 0],
      ['smart', 'openai/paid', [10], 0],
    ])
  })

  it('are ruled out by weight and by condition, and it says which, but not what the request has instead', async () => {
    const dry = dryRuntime(SMART)
    const { targets } = await ask(dry, { headers: { 'X-Tier': 'canary-tier' } })
    expect(targets.filter(({ isEligible }) => !isEligible).map(({ reasons }) => reasons)).toEqual([
      ['its weight is 0'],
      ['its condition does not hold: header.x-tier must be "paid" or "gold"'],
    ])
    const paid = await ask(dry, { headers: { 'X-Tier': 'gold' } })
    expect(paid.targets.at(-1)).toMatchObject({ isEligible: true, share: 0.1 })
  })

  it('are ruled out by their breaker and by what they are spared', async () => {
    const states = {
      'openai/a#1': { breaker: 'open', opensInMs: 12_340 },
      'openai/a#2': { coolsForMs: 900 },
      'openai/i1': { breaker: 'half-open' },
    } as const
    const { targets } = await ask(dryRuntime(SMART), { states })
    expect(targets.slice(0, 3).map(({ isEligible, reasons, share }) => [isEligible, reasons, share])).toEqual(
      [
        [false, ['its breaker is open for another 12.3 s'], 0],
        [false, ['it has too much to do and is spared for another 0.9 s'], 0],
        [true, [], 1],
      ],
    )
  })

  it('of another route have the settings of that one', async () => {
    const { targets } = await ask(dryRuntime(SMART))
    expect(targets[0]?.ownSettings).toBeNull()
    expect(targets[2]?.ownSettings).toMatchObject({ timeout: { totalMs: 7000 } })
  })

  it('say that they would refuse the request, in the words of its API', async () => {
    const body = '{"model":"x","n":2,"messages":[{"role":"user","content":"hello"}]}'
    const { targets, upstream, notes } = await ask(dryRuntime(SMART), { route: 'spare', body })
    expect(targets[0]?.refusal).toMatch(/^'n' must be/)
    expect(upstream).toBeNull()
    expect(notes).toEqual([expect.stringContaining('no other is tried')])
  })

  it('say that they do not serve such requests', async () => {
    const aws =
      'aws_config: {aws_access_key_id: AKIACANARY1, aws_secret_access_key: aws-canary-2, aws_region: us-east-1}'
    const text = `routes: [{name: smart, type: llm/v1/chat, model: {provider: bedrock, name: amazon.titan-embed-text-v2:0, config: {${aws}}}}]`
    const { targets } = await ask(dryRuntime(text))
    expect(targets[0]?.refusal).toContain('does not serve chat')
  })
})

describe('the order', () => {
  it.each([
    ['priority', {}, ['a', 'b', 'c']],
    ['least_busy', { 'openai/a': { inFlight: 9 }, 'openai/b': { inFlight: 2 } }, ['c', 'b', 'a']],
    [
      'latency',
      { 'openai/a': { firstContentMs: 900 }, 'openai/c': { firstContentMs: 400 } },
      ['b', 'c', 'a'],
    ],
    ['weighted', {}, ['b', 'c', 'a']],
    ['cost', {}, ['c', 'a', 'b']],
  ] as const)('of strategy %s', async (strategy, states, expected) => {
    const text = `
routes:
  - name: smart
    type: llm/v1/chat
    strategy: ${strategy}
    targets:
      - {${model('a')}, weight: ${strategy === 'weighted' ? 1 : 3}, price: {input: 2, output: 2}}
      - {${model('b')}, weight: ${strategy === 'weighted' ? 5 : 3}, price: {input: 3, output: 3}}
      - {${model('c')}, weight: 3, price: {input: 1, output: 1}}
`
    const { order } = await ask(dryRuntime(text), { states })
    expect(order.tries.map(({ target }) => target)).toEqual(expected.map((name) => `openai/${name}`))
    expect(order).toMatchObject({ maxAttempts: 3, rule: expect.stringMatching(/\.$/) })
  })

  it('begins with the target of the conversation, and tells of it only a digest', async () => {
    const dry = dryRuntime(SMART)
    const asked = { headers: { 'x-session-id': 'canary-session' } }
    const explanation = await ask(dry, asked)
    const { affinity, order } = explanation
    expect(order.tries[0]).toMatchObject({ target: affinity?.target, why: 'affinity' })
    expect(await ask(dry, asked)).toEqual(explanation)
    expect(JSON.stringify(explanation)).not.toContain('canary')
  })

  it('is a healthy fallback, then the least bad, while no target is healthy', async () => {
    const open = { breaker: 'open', opensInMs: 9000 } as const
    const states = {
      'openai/a#1': open,
      'openai/a#2': { ...open, opensInMs: 100 },
      'openai/i1': open,
      'openai/i2': open,
    }
    const { order, notes, upstream } = await ask(dryRuntime(SMART), { states })
    expect(order.tries.map(({ target, why }) => [target, why])).toEqual([
      ['anthropic/claude-sonnet-4-5', 'fallback'],
      ['openai/a#2', 'least bad'],
    ])
    expect(notes).toEqual(['No target is healthy: the request goes to a fallback at once.'])
    expect(upstream).toMatchObject({ route: 'spare', format: 'anthropic-messages' })
  })

  it('is empty when weights and conditions leave no target', async () => {
    const text = `routes: [{name: smart, type: llm/v1/chat, targets: [{${model('a')}, when: {stream: true}}]}]`
    const { order, notes, targets, upstream } = await ask(dryRuntime(text))
    expect(order.tries).toEqual([])
    expect(targets[0]?.reasons).toEqual(['its condition does not hold: the request must ask for a stream'])
    expect(notes).toHaveLength(1)
    expect(upstream).toBeNull()
  })
})

describe('the request', () => {
  it("is the client's own, byte for byte but for the model, where the provider speaks its API", async () => {
    const { upstream } = await ask(dryRuntime(SMART))
    expect(upstream).toMatchObject({
      provider: 'openai',
      isTranslated: false,
      dropped: [],
      body: '{"model":"a", "messages":[{"role":"user","content":"hello"}]}',
      http: { method: 'POST', url: 'http://127.0.0.1:9/v1/chat/completions' },
    })
    expect(upstream?.http?.headers).toContainEqual(['authorization', '[redacted]'])
  })

  it('is a translated one elsewhere, with what is left out and what the route changes', async () => {
    const text = `routes: [{name: smart, type: llm/v1/chat, params: {override: {top_p: 0.5}}, model: {provider: anthropic, name: claude-sonnet-4-5, config: {anthropic_api_key: sk-x-secret}}}]`
    const body = '{"model":"smart","seed":1,"messages":[{"role":"user","content":"hello"}]}'
    const { upstream } = await ask(dryRuntime(text), { body })
    expect(upstream).toMatchObject({ isTranslated: true, dropped: ['seed'], format: 'anthropic-messages' })
    expect(JSON.parse(upstream?.body ?? '')).toMatchObject({ top_p: 0.5, model: 'claude-sonnet-4-5' })
  })

  it('says what is added when it is sent', async () => {
    const text = `routes: [{name: smart, type: llm/v1/chat, model: {provider: bedrock, name: amazon.nova-lite-v1:0, config: {aws_config: {aws_access_key_id: AKIACANARY1, aws_secret_access_key: aws-canary-2, aws_region: us-east-1}}}}]`
    const { upstream } = await ask(dryRuntime(text))
    expect(upstream?.notes).toEqual([expect.stringContaining('signature')])
    expect(upstream?.http?.headers).toContainEqual(['authorization', '[redacted]'])
  })

  it('is a body alone where there is no HTTP', async () => {
    const text = 'routes: [{name: smart, type: llm/v1/chat, model: {provider: mock, name: m}}]'
    const { upstream } = await ask(dryRuntime(text))
    expect(upstream).toMatchObject({ http: null, body: expect.stringContaining('hello') })
  })

  it('holds no credential, even where one is repeated', async () => {
    const key = new Secret('caller-secret-key')
    const headers = { 'X-Api-Key': 'caller-other-key' }
    const body = BODY.replace('hello', 'sk-key-one sk-spare-secret caller-secret-key caller-other-key')
    const explanation = await ask(dryRuntime(SMART), { body, key, headers })
    for (const text of [JSON.stringify(explanation), printExplanation(explanation)]) {
      expect(text).toContain('[redacted] [redacted] [redacted] [redacted]')
      expect(text).not.toMatch(/sk-|caller-/)
    }
  })
})

describe('an explanation', () => {
  it('tells the fallbacks and the policies around, whose limits it does not use up', async () => {
    const dry = dryRuntime(SMART)
    for (let time = 0; time < 3; time++) {
      const { fallbacks, policies } = await ask(dry)
      expect(fallbacks).toMatchObject([
        { route: 'spare', on: ['rate_limit', 'overloaded'], first: 'anthropic/claude-sonnet-4-5' },
      ])
      expect(policies.map(({ name }) => name)).toEqual(['limit', 'cache'])
      expect(policies[0]?.options).toMatchObject({ calls: 1, renewal_period: 'minute' })
    }
  })

  it('changes nothing: not whose turn it is, nor what is known of a target', async () => {
    const [asked, untouched] = [dryRuntime(SMART), dryRuntime(SMART)]
    const before = reportTargets(asked.runtime.routes(), 0)
    for (let time = 0; time < 5; time++) await ask(asked)
    expect(reportTargets(asked.runtime.routes(), 0)).toEqual(before)
    const turns = [asked, untouched].map(({ runtime }) => {
      const { strategy, branches } = runtime.route('smart')?.plan.group ?? { branches: [] }
      return Array.from({ length: 10 }, () =>
        branches.findIndex((one) => one === strategy?.choose(branches, true)),
      )
    })
    expect(turns[0]).toEqual(turns[1])
  })

  it('is readable in lines', async () => {
    const text = printExplanation(await ask(dryRuntime(SMART), { headers: { 'x-session-id': 's' } }))
    for (const part of [
      'Route smart',
      'weight',
      '60 > 2',
      'ruled out: its weight is 0',
      'Affinity',
      'at most 3',
    ]) {
      expect(text).toContain(part)
    }
    expect(text).toMatch(/\n {2}retries +2, backoff up to 250ms/)
    expect(text).toContain("curl --globoff --request 'POST'")
  })

  it('fails for a route that there is not', async () => {
    await expect(ask(dryRuntime(SMART), { route: 'x' })).rejects.toMatchObject({ kind: 'not_found' })
  })
})
