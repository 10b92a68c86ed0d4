import { describe, expect, it } from 'vitest'
import { sampleRegistry } from '../../test/support/sample-registry.ts'
import { Secret } from '../core/secret.ts'
import type { StoredSecrets } from '../core/stored-secret.ts'
import type { RouteListing } from '../core/route-listing.ts'
import { printIssue } from './issue.ts'
import { parseConfig } from './load.ts'
import type { GatewayConfig } from './schema.ts'
import type { Catalogue } from './catalogue.ts'

const FILE = `
routes:
  - name: in-file
    type: llm/v1/chat
    model: {provider: openai, config: {openai_api_key: "secret:main"}}
  - {name: other, type: llm/v1/chat, model: {provider: two-words}}
`

const MODEL = { provider: 'openai', config: { openai_api_key: 'secret:main' } }
const CHAT = { type: 'llm/v1/chat', model: MODEL }

const stored: StoredSecrets = {
  find: (name) =>
    name === 'main'
      ? { ok: true, secret: new Secret('sk-main') }
      : { ok: false, isThere: false, reason: 'is not in the store' },
}

type Definitions = Readonly<Record<string, Record<string, unknown>>>

function load(definitions: Definitions, text = FILE): { config: GatewayConfig; catalogue: Catalogue } {
  const routes = Object.entries(definitions).map(([name, definition]) => ({ name, version: 3, definition }))
  const loaded = parseConfig(text, {
    file: 'gateway.yaml',
    env: { KEY: 'x' },
    stored,
    routes,
    registry: sampleRegistry,
  })
  if (!loaded.ok) throw new Error(loaded.issues.map(printIssue).join('\n'))
  return loaded
}

function usable(definitions: Definitions): string[] {
  return load(definitions).config.routes.map(({ name }) => name)
}

function listing(name: string, definitions: Definitions, text = FILE): RouteListing | undefined {
  return load(definitions, text).catalogue.routes.findLast((route) => route.name === name)
}

function issuesOf(definition: Record<string, unknown>): string[] {
  return (listing('mine', { mine: definition })?.issues ?? []).map(
    ({ path, message }) => `${path}: ${message}`,
  )
}

describe('a route of the store', () => {
  it('is used as if it stood in the file, after those that do', () => {
    const { config } = load({ mine: CHAT })
    expect(config.routes.map(({ name }) => name)).toEqual(['in-file', 'other', 'mine'])
    const [target] = config.routes[2]?.targets ?? []
    expect(target).toMatchObject({ name: 'openai', goesTo: { models: [{ model: { provider: 'openai' } }] } })
    expect(listing('mine', { mine: CHAT })).toEqual({
      name: 'mine',
      type: 'llm/v1/chat',
      origin: { kind: 'store', version: 3 },
      state: 'ready',
      issues: [],
    })
    expect(listing('in-file', {})).toEqual({
      name: 'in-file',
      type: 'llm/v1/chat',
      origin: { kind: 'file', line: 3 },
      state: 'ready',
      issues: [],
    })
  })

  it('gets the defaults of the file', () => {
    const text = `defaults: {retries: {max: 7}}\n${FILE}`
    expect(load({ mine: CHAT }, text).config.routes[2]?.policies['retries']).toMatchObject({ max: 7 })
  })

  it('may lead to routes of the file and of the store, whatever their order', () => {
    const toFile = { type: 'llm/v1/chat', targets: [{ route: 'in-file' }, { route: 'zzz' }] }
    expect(usable({ mine: toFile, zzz: CHAT })).toEqual(['in-file', 'other', 'mine', 'zzz'])
  })

  it('is shown as shadowed, and not used, when the file has one of its name', () => {
    const { config, catalogue } = load({ 'in-file': { ...CHAT, strategy: 'priority' } })
    expect(config.routes.map(({ name, strategy }) => [name, strategy])).toEqual([
      ['in-file', 'weighted'],
      ['other', 'weighted'],
    ])
    expect(catalogue.routes.at(-1)).toEqual({
      name: 'in-file',
      type: null,
      origin: { kind: 'store', version: 3 },
      state: 'shadowed',
      issues: [
        { path: '', message: expect.stringMatching(/^line 3 of the file has a route of the same name/) },
      ],
    })
  })

  it('that is wrong takes nothing with it but those that lead to it', () => {
    const definitions = {
      wrong: { ...CHAT, strategi: 'priority' },
      leads: { type: 'llm/v1/chat', targets: [{ route: 'wrong' }] },
      falls: { ...CHAT, fallbacks: [{ route: 'leads' }] },
      right: CHAT,
    }
    expect(usable(definitions)).toEqual(['in-file', 'other', 'right'])
    expect(listing('wrong', definitions)).toMatchObject({
      state: 'invalid',
      issues: [{ path: 'strategi', message: expect.stringContaining('did you mean "strategy"?') }],
    })
    expect(listing('leads', definitions)?.issues).toEqual([
      { path: 'targets[0].route', message: expect.stringMatching(/^there is no route "wrong"/) },
    ])
    expect(listing('falls', definitions)?.issues).toMatchObject([{ path: 'fallbacks[0].route' }])
  })

  it('that leads back to itself is wrong, and so are all on the way', () => {
    const to = (route: string): Record<string, unknown> => ({ type: 'llm/v1/chat', targets: [{ route }] })
    expect(usable({ a: to('b'), b: to('c'), c: to('a'), d: CHAT })).toEqual(['in-file', 'other', 'd'])
  })

  it.each([
    ['a list', [] as unknown],
    ['nothing', {}],
    ['another name', { ...CHAT, name: 'other' }],
    ['a type that there is not', { ...CHAT, type: 'chat' }],
    ['keys of a prototype', JSON.parse('{"__proto__": {"type": "llm/v1/chat"}}')],
  ])('is refused when its definition is %s', (_what, definition) => {
    expect(
      load({ mine: Object.assign(Object.create(null), { ...Object(definition) }) }).config.routes,
    ).toHaveLength(2)
  })

  it('cannot be the target of a route of the file, which must be right by itself', () => {
    const text = `${FILE}  - {name: leads, type: llm/v1/chat, targets: [{route: mine}]}\n`
    expect(() => load({ mine: CHAT }, text)).toThrow(/there is no route "mine"/)
  })
})

describe('what others can read', () => {
  const withConfig = (config: Record<string, unknown>): string[] =>
    issuesOf({
      type: 'llm/v1/chat',
      model: { provider: 'openai', config: { openai_api_key: 'secret:main', ...config } },
    })

  it.each([
    ['a literal', { openai_api_key: 'sk-canary-1234567' }, 'model.config.openai_api_key'],
    ['a variable of the machine', { openai_api_key: '$KEY' }, 'model.config.openai_api_key'],
    ['a file of the machine', { openai_api_key: '/etc/hostname' }, 'model.config.openai_api_key'],
    ['a header', { headers: { 'x-key': 'sk-canary-1234567' } }, 'model.config.headers.x-key'],
    [
      'a mapping that has no schema',
      { extras: { apiKey: 'sk-canary-1234567' } },
      'model.config.extras.apiKey',
    ],
    ['a list in one', { extras: { a: [{ auth_token: 'canary' }] } }, 'model.config.extras.a[0].auth_token'],
    ['a URL', { openai_organization: 'https://me:canary@host/' }, 'model.config.openai_organization'],
  ])('holds no credential: %s', (_what, config, path) => {
    const issues = withConfig(config)
    expect(issues).toEqual([expect.stringMatching(/mlflow-gateway secrets set/)])
    expect(issues[0]?.split(': ')[0]).toBe(path)
    expect(issues.join()).not.toContain('canary')
  })

  it('may hold what only looks like one', () => {
    expect(withConfig({ extras: { max_tokens: '5', password: 'secret:main', tokens: 'a' } })).toEqual([])
  })

  it('reaches no file of the machine', () => {
    expect(issuesOf({ ...CHAT, record: { path: '/tmp/x' } })).toEqual([
      'record: writes files, and may stand in the file only; remove it',
    ])
    expect(issuesOf({ type: 'llm/v1/chat', model: { provider: '/tmp/evil.mjs' } })).toEqual([
      expect.stringMatching(/^model\.provider: the module .* cannot be used: only the file may name one/),
    ])
  })
})

describe('a secret that is not to be had', () => {
  const lost = { provider: 'openai', config: { openai_api_key: 'secret:lost' } }

  it('makes the route of the file unusable that needs it, and not the file', () => {
    const text = FILE.replace('secret:main', 'secret:lost')
    const { config, catalogue } = load({}, text)
    const model = config.routes[0]?.targets[0]?.goesTo
    expect(model).toMatchObject({
      models: [{ model: { unavailable: 'the secret "lost" is not in the store' } }],
    })
    expect(catalogue.routes).toEqual([
      {
        name: 'in-file',
        type: 'llm/v1/chat',
        origin: { kind: 'file', line: 3 },
        state: 'unusable',
        issues: [{ path: 'model.config.openai_api_key', message: 'the secret "lost" is not in the store' }],
      },
      { name: 'other', type: 'llm/v1/chat', origin: { kind: 'file', line: 6 }, state: 'ready', issues: [] },
    ])
  })

  it('leaves the other targets and keys of a route', () => {
    const route = { type: 'llm/v1/chat', targets: [{ model: lost }, { model: MODEL }] }
    expect(listing('mine', { mine: route })?.state).toBe('partial')
    const keys = [{ openai_api_key: 'secret:lost' }, { openai_api_key: 'secret:main' }]
    const keyed = { type: 'llm/v1/chat', targets: [{ model: MODEL, keys }] }
    expect(listing('mine', { mine: keyed })?.state).toBe('partial')
    expect(listing('mine', { mine: { ...CHAT, model: lost } })?.state).toBe('unusable')
  })

  it('is a mistake where the gateway itself needs it', () => {
    const server = (key: string): string => `server: {${key}: "secret:lost"}\n${FILE}`
    expect(() => load({}, server('redis_url'))).toThrow(
      /server\.redis_url: the secret "lost" is not in the store/,
    )
    expect(() => load({}, server('database_url').replace('lost', 'main'))).toThrow(
      /server\.database_url: names a secret of the store, which is found by this URL/,
    )
  })
})

it('a secret is known by all that name it', () => {
  const text = `server: {redis_url: "secret:main"}\n${FILE}`
  const { catalogue } = load({ mine: CHAT, 'in-file': CHAT }, text)
  expect(Object.fromEntries(catalogue.uses)).toEqual({
    main: ['server.redis_url', 'route in-file', 'route mine'],
  })
})
