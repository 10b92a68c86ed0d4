import { expect, it } from 'vitest'
import { Secret } from '../core/secret.ts'
import { modelsOf, type GatewayConfig } from './schema.ts'
import { fromSnapshot, toSnapshot } from './snapshot.ts'

function sample(): GatewayConfig {
  const config = {
    key: new Secret('sesame'),
    list: [new Secret('one'), { __proto__: null, deep: new Secret('two') }],
    n: 1,
  }
  return {
    routes: [
      {
        name: 'a',
        type: 'llm/v1/chat',
        strategy: 'weighted',
        targets: [
          {
            name: 't',
            weight: 1,
            goesTo: { models: [{ weight: 1, model: { provider: 'openai', name: null, config } }] },
          },
        ],
        fallbacks: [],
        policies: { timeout: { total: 5 } },
      },
    ],
    server: { allowDestructiveReload: false, invocationsShape: 'openai', drainTimeoutMs: 1, bodyLimit: 2 },
  }
}

it('a snapshot brings every value and secret across', () => {
  const before = sample()
  const after = fromSnapshot(toSnapshot(before))
  expect(JSON.stringify(after)).toBe(JSON.stringify(before))
  expect(modelsOf(after.routes)[0]?.config).toEqual({
    key: expect.any(Secret),
    list: [expect.any(Secret), { deep: expect.any(Secret) }],
    n: 1,
  })
  expect(toSnapshot(after)).toBe(toSnapshot(before))
  expect(toSnapshot(after)).toContain('sesame')
})

it('a value that looks like part of a snapshot stays what it is', () => {
  const before = sample()
  Object.assign(before.routes[0]?.policies ?? {}, { timeout: { secrets: [[['routes'], 'x']], config: null } })
  expect(JSON.stringify(fromSnapshot(toSnapshot(before)))).toBe(JSON.stringify(before))
})

it('the original keeps its secrets', () => {
  const before = sample()
  toSnapshot(before)
  expect(modelsOf(before.routes)[0]?.config.key).toBeInstanceOf(Secret)
})
