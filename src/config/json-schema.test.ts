import { option } from '../core/options.ts'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROUTE_TYPES } from '../core/route.ts'
import { policies } from '../policies/index.ts'
import { configJsonSchema } from './json-schema.ts'
import type { Registry } from './registry.ts'

const create = (): never => {
  throw new Error('not made by a schema')
}

const registry: Registry = {
  policies,
  providers: [
    {
      name: 'openai',
      routeTypes: ROUTE_TYPES,
      options: option.object({
        openai_api_key: option.secret({ description: 'The key.' }),
        openai_api_type: option.optional(
          option.oneOf(['openai', 'azure'], {
            default: 'openai',
            ignoreCase: true,
          }),
        ),
        secret: option.optional(option.list(option.object({ hint: option.string({ hint: 'a word' }) }))),
      }),
      create,
    },
    {
      name: 'two-words',
      routeTypes: ROUTE_TYPES,
      options: option.object({ pause: option.optional(option.duration({ description: 'A pause.' })) }),
      create,
    },
  ],
}

const QUICKSTART = `
routes:
  - name: chat
    type: llm/v1/chat
    model: {provider: openai, name: gpt-4o, config: {openai_api_key: $OPENAI_API_KEY}}
`

describe('the JSON Schema of a configuration', () => {
  const schema = configJsonSchema(registry)
  const validate = new Ajv({
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    strictTypes: false,
    allErrors: true,
  }).compile(schema)
  const accepts = (text: string): boolean => validate(parse(text))

  it('accepts the quickstart and every other spelling', () => {
    expect(accepts(QUICKSTART)).toBe(true)
    expect(accepts(QUICKSTART.replace('routes', 'endpoints').replace('    type', '    endpoint_type'))).toBe(
      true,
    )
    expect(accepts(QUICKSTART.replace('    type', '    route_type').replace('openai,', 'OpenAI,'))).toBe(true)
    expect(
      accepts('routes: [{name: 1, type: llm/v1/chat, model: {provider: Two_Words, config: {pause: 1.5s}}}]'),
    ).toBe(true)
    expect(
      accepts(
        'routes: [{name: a, type: llm/v1/chat, model: {provider: openai, config: {openai_api_key: k, openai_api_type: AZURE}}}]',
      ),
    ).toBe(true)
    expect(
      accepts('routes: []\ndefaults: {timeout: {total: 5}}\nserver: {drain_timeout: 1m, body_limit: 2048}'),
    ).toBe(true)
  })

  it.each([
    ['no routes', 'server: {}'],
    ['both lists', 'routes: []\nendpoints: []'],
    ['an unknown key', `${QUICKSTART}tmeout: {}`],
    ['no type', QUICKSTART.replace('    type: llm/v1/chat\n', '')],
    ['two types', QUICKSTART.replace('    type', '    route_type: llm/v1/chat\n    type')],
    ['an unknown type', QUICKSTART.replace('v1/chat', 'v1/chats')],
    ['an unknown provider', QUICKSTART.replace('openai,', 'opnai,')],
    ['a config without its key', QUICKSTART.replace('openai_api_key: $OPENAI_API_KEY', '')],
    ['no config where one is needed', QUICKSTART.replace(', config: {openai_api_key: $OPENAI_API_KEY}', '')],
    ["another provider's key", QUICKSTART.replace('{openai_api_key', '{pause: 1s, openai_api_key')],
    ['a bad name', QUICKSTART.replace('name: chat', 'name: a b')],
    ['a bad duration', `${QUICKSTART}    timeout: {total: 1 d}`],
    [
      'a bad enum',
      'routes: [{name: a, type: llm/v1/chat, model: {provider: openai, config: {openai_api_key: k, openai_api_type: AZUR}}}]',
    ],
  ])('refuses %s', (_title, text) => {
    expect(accepts(text)).toBe(false)
  })

  it('keeps descriptions and defaults, and properties that are named like a mark, but no mark of ours', () => {
    const text = JSON.stringify(schema)
    expect(text).toContain('"description":"The key."')
    expect(text).toContain('"default":"30s"')
    expect(text).toContain('"secret":{"type":"array"')
    expect(text).not.toMatch(/"(secret|duration|ignoreCase)":true|"hint":"|"~/)
  })

  it('can be made of what is built in', () => {
    expect(() => new Ajv({ strict: false }).compile(configJsonSchema())).not.toThrow()
  })
})
