import { describe, expect, it } from 'vitest'
import { sampleRegistry } from '../../test/support/sample-registry.ts'
import { printIssue } from './issue.ts'
import { parseConfig } from './load.ts'
import type { RouteConfig } from './schema.ts'

function load(text: string): { routes: RouteConfig[]; issues: string[] } {
  const env = { ONE: 'key-one', TWO: 'key-two' }
  const result = parseConfig(text, { file: 'f', registry: sampleRegistry, env })
  return result.ok
    ? { routes: result.config.routes, issues: [] }
    : { routes: [], issues: result.issues.map(printIssue) }
}

const A = '  - {name: a, type: llm/v1/chat, model: {provider: two-words, name: m}}\n'
const EMBED =
  '  - {name: e, type: llm/v1/embeddings, model: {provider: openai, name: m, config: {openai_api_key: k}}}\n'

describe('targets', () => {
  it('are models and routes with weights and conditions, each with a name of its own', () => {
    const { routes, issues } = load(`routes:
${A}  - name: smart
    type: llm/v1/chat
    strategy: least_busy
    targets:
      - {model: {provider: two-words, name: m}, weight: 70}
      - {model: {provider: two-words, name: m}, weight: 0}
      - {route: a, weight: 0.5, when: {header.X-Tier: free, stream: true}}
      - {name: mine, route: a, when: {header.x-a: [b, c]}}
`)
    expect(issues).toEqual([])
    expect(routes[1]).toMatchObject({
      strategy: 'least_busy',
      targets: [
        { name: 'two-words/m', weight: 70 },
        { name: 'two-words/m~2', weight: 0 },
        {
          name: 'a',
          weight: 0.5,
          when: { 'header.x-tier': ['free'], stream: ['true'] },
          goesTo: { route: 'a' },
        },
        { name: 'mine', weight: 1, when: { 'header.x-a': ['b', 'c'] } },
      ],
    })
  })

  it('may have several keys, each of which gives what in the config is another', () => {
    const { routes, issues } = load(`routes:
  - name: r
    type: llm/v1/chat
    targets:
      - model: {provider: openai, name: m, config: {openai_organization: o}}
        keys: [{openai_api_key: $ONE, weight: 3}, {openai_api_key: $TWO, openai_organization: p}]
`)
    expect(issues).toEqual([])
    const [target] = routes[0]?.targets ?? []
    const models = target && 'models' in target.goesTo ? target.goesTo.models : []
    expect(models.map(({ weight, model: { config } }) => [weight, config.openai_organization])).toEqual([
      [3, 'o'],
      [1, 'p'],
    ])
  })

  it('may be written as the traffic routes of MLflow, beside its endpoints', () => {
    const { routes, issues } = load(`endpoints:
${A}${A.replace('name: a', 'name: b')}routes:
  - name: r
    task_type: llm/v1/chat
    destinations:
      - {name: a, traffic_percentage: 80}
      - {name: b, traffic_percentage: 20}
    routing_strategy: TRAFFIC_SPLIT
`)
    expect(issues).toEqual([])
    expect(routes.find(({ name }) => name === 'r')).toMatchObject({
      type: 'llm/v1/chat',
      strategy: 'weighted',
      targets: [
        { name: 'a', weight: 80, goesTo: { route: 'a' } },
        { name: 'b', weight: 20, goesTo: { route: 'b' } },
      ],
    })
  })

  it.each([
    ['no target', 'targets: []', 'f:6:14: routes[2].targets: has 0 items; write at least 1'],
    [
      'neither',
      'targets: [{weight: 1}]',
      'f:6:15: routes[2].targets[0]: a target needs a "model" or the name of a "route"',
    ],
    ['both', 'targets: [{route: a, model: {provider: two-words}}]', 'a target is a model or a route'],
    ['zero weights', 'targets: [{route: a, weight: 0}]', 'f:6:5: routes[2].targets: every weight is 0'],
    ['a negative weight', 'targets: [{route: a, weight: -1}]', 'targets[0].weight: -1 is out of range'],
    [
      'an unknown route',
      'targets: [{route: ä}]',
      'f:6:23: routes[2].targets[0].route: there is no route "ä"',
    ],
    ['a guess', 'targets: [{route: A}]', 'there is no route "A"; did you mean "a"?'],
    [
      'another type',
      'targets: [{route: e}]',
      'routes[2].targets[0].route: the route "e" is of type llm/v1/embeddings and cannot be a target of one of type llm/v1/chat',
    ],
    ['itself', 'targets: [{route: r}]', 'leads back to this route: r -> r'],
    [
      'a fallback of another type',
      'targets: [{route: a}]\n    fallbacks: [{route: e}]',
      'f:7:25: routes[2].fallbacks[0].route: the route "e" is of type llm/v1/embeddings and cannot be a fallback',
    ],
    ['an unknown fallback', 'targets: [{route: a}]\n    fallbacks: [{route: z}]', 'there is no route "z"'],
    [
      'an unknown class',
      'targets: [{route: a}]\n    fallbacks: [{route: a, on: [rate_limits]}]',
      'did you mean "rate_limit"?',
    ],
    ['an unknown strategy', 'targets: [{route: a}]\n    strategy: fastest', '"fastest" is not allowed here'],
    [
      'a model beside targets',
      'targets: [{route: a}]\n    model: {provider: two-words}',
      'f:7:5: routes[2].model: stands beside "targets"; keep one of them',
    ],
    ['an unknown condition', 'targets: [{route: a, when: {tier: free}}]', 'unknown key "tier"'],
    [
      'an unknown mirror',
      'targets: [{route: a}]\n    mirror: {route: z, percent: 5}',
      'f:7:21: routes[2].mirror.route: there is no route "z"',
    ],
    [
      'a Redis that is nowhere',
      'targets: [{route: a}]\n    cache: {store: redis}',
      'the cache of route "r" is kept in Redis, but server.redis_url is missing, and $REDIS_URL is not set',
    ],
    [
      'a long wait for a connection',
      'targets: [{route: a}]\n    timeout: {connect: 1m}',
      '"1m" is too long; write at most "30s"',
    ],
    [
      'percentages',
      'destinations: [{name: a, traffic_percentage: 80}]',
      'f:6:5: routes[2].destinations: the percentages make 80; they must make 100',
    ],
  ])('with a mistake say where it is: %s', (_title, lines, expected) => {
    const { issues } = load(`routes:\n${A}${EMBED}  - name: r\n    type: llm/v1/chat\n    ${lines}\n`)
    expect(issues.join('\n')).toContain(expected)
  })

  it('that lead back over other routes are refused, two that are fallbacks of each other are not', () => {
    const route = (name: string, more: string): string => `  - {name: ${name}, type: llm/v1/chat, ${more}}\n`
    const cycle = `routes:\n${route('x', 'targets: [{route: y}]')}${route('y', 'targets: [{route: x}]')}`
    expect(load(cycle).issues.join('\n')).toContain('leads back to this route: x -> y -> x')
    const model = 'model: {provider: two-words, name: m}'
    const pair = `routes:\n${route('x', `${model}, fallbacks: [{route: y}]`)}${route('y', `${model}, fallbacks: [{route: x}]`)}`
    expect(load(pair).issues).toEqual([])
  })
})
