import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../core/secret.ts'
import { printIssue } from './issue.ts'
import { loadConfig, parseConfig } from './load.ts'
import { sampleRegistry } from '../../test/support/sample-registry.ts'
import { modelsOf, type GatewayConfig } from './schema.ts'

const env = { OPENAI_API_KEY: 'from-the-environment' }

const QUICKSTART = `routes:
  - name: chat
    type: llm/v1/chat
    model: {provider: openai, name: gpt-4o, config: {openai_api_key: $OPENAI_API_KEY}}
`

function configOf(text: string): GatewayConfig {
  const result = parseConfig(text, { file: 'gateway.yaml', env, registry: sampleRegistry })
  if (!result.ok) throw new Error(result.issues.map(printIssue).join('\n'))
  return result.config
}

/** A route whose `config` has these keys besides its credential. */
function withConfig(keys: string): string {
  return `routes:\n  - name: a\n    type: llm/v1/chat\n    model:\n      provider: openai\n      config: {openai_api_key: k, ${keys}}\n`
}

describe('a valid file', () => {
  it('gives complete routes and the defaults of the server', () => {
    const config = configOf(QUICKSTART)
    expect(config.server).toEqual({
      allowDestructiveReload: false,
      invocationsShape: 'mlflow',
      limits: { unknownPrice: 'allow', assumedOutputTokens: 1024, onFailure: 'local_share' },
      drainTimeoutMs: 30_000,
      bodyLimit: 33_554_432,
    })
    expect(config.routes).toHaveLength(1)
    const route = config.routes[0]
    expect(route).toMatchObject({
      name: 'chat',
      type: 'llm/v1/chat',
      strategy: 'weighted',
      targets: [{ name: 'openai/gpt-4o', weight: 1 }],
      fallbacks: [],
      policies: {},
    })
    const model = modelsOf(config.routes)[0]
    expect(model).toMatchObject({ provider: 'openai', name: 'gpt-4o' })
    expect(model?.config).toMatchObject({ openai_api_type: 'openai', pause: 1500 })
    const key = model?.config.openai_api_key
    expect(key instanceof Secret && key.reveal()).toBe('from-the-environment')
  })

  it('may call the list endpoints, spell the type three ways and the provider in any case', () => {
    const config = configOf(`endpoints:
  - {name: 123, endpoint_type: llm/v1/chat, model: {provider: TWO_Words}}
  - {name: a.b, route_type: llm/v1/completions, model: {provider: two-words, name: null, config: }}
`)
    expect(config.routes.map(({ name, type }) => [name, type])).toEqual([
      ['123', 'llm/v1/chat'],
      ['a.b', 'llm/v1/completions'],
    ])
    expect(modelsOf(config.routes).map(({ provider, name }) => [provider, name])).toEqual([
      ['two-words', null],
      ['two-words', null],
    ])
  })

  it('may have no routes, and empty mappings', () => {
    expect(configOf('routes: []\nserver:\ndefaults:\n').routes).toEqual([])
  })

  it('may share parts by aliases and merges', () => {
    const config = configOf(`routes:
  - {name: a, type: llm/v1/chat, model: &m {provider: two-words, name: x}}
  - {name: b, type: llm/v1/chat, model: *m}
  - {name: c, type: llm/v1/chat, model: {<<: *m, name: y}}
`)
    expect(modelsOf(config.routes).map(({ name }) => name)).toEqual(['x', 'x', 'y'])
  })

  it('gives a route the default options of a policy with its own on top', () => {
    const config = configOf(`defaults: {timeout: {total: 10s, first_token: 2}}
routes:
  - {name: a, type: llm/v1/chat, model: {provider: two-words}}
  - {name: b, type: llm/v1/chat, model: {provider: two-words}, timeout: {total: 1m}}
`)
    expect(config.routes.map((route) => route.policies)).toEqual([
      { timeout: { connect: 5000, first_token: 2000, idle: 60_000, total: 10_000 } },
      { timeout: { connect: 5000, first_token: 2000, idle: 60_000, total: 60_000 } },
    ])
  })

  it('normalises enums, durations, nested mappings and free ones', () => {
    const keys =
      'openai_api_type: AZURE, latency: {mean: 1.5, shape: flat}, headers: {x: $OPENAI_API_KEY}, extras: {a: [1, {b: null}]}'
    const config = modelsOf(configOf(withConfig(keys)).routes)[0]?.config
    expect(config).toMatchObject({
      openai_api_type: 'azure',
      latency: { mean: 1.5, shape: 'flat' },
      extras: { a: [1, { b: null }] },
    })
    expect(config?.headers).toEqual({ x: expect.any(Secret) })
    expect(modelsOf(configOf(withConfig('latency: 20ms')).routes)[0]?.config.latency).toBe(20)
  })
})

describe('a file', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-load-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  async function messageOf(name: string): Promise<string> {
    const result = await loadConfig(join(folder, name), { env, registry: sampleRegistry })
    return result.ok ? 'ok' : result.issues.map(printIssue).join('\n').replace(`${folder}/`, '')
  }

  it('is read and given back with its text', async () => {
    writeFileSync(join(folder, 'good.yaml'), `\uFEFF${QUICKSTART}`)
    expect(await loadConfig(join(folder, 'good.yaml'), { env, registry: sampleRegistry })).toMatchObject({
      ok: true,
      text: QUICKSTART,
    })
  })

  it('that is missing, a directory, a pipe, too large or not text is one line', async () => {
    mkdirSync(join(folder, 'directory'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    writeFileSync(join(folder, 'large.yaml'), '#'.repeat(4_194_305))
    writeFileSync(join(folder, 'latin1.yaml'), Buffer.from([0x61, 0xe9, 0x0a]))
    expect(await messageOf('missing.yaml')).toBe('missing.yaml: does not exist; check the path')
    expect(await messageOf('directory')).toBe('directory: is a directory; give the path of a YAML file')
    expect(await messageOf('pipe')).toBe('pipe: is not a regular file; give the path of a YAML file')
    expect(await messageOf('large.yaml')).toBe('large.yaml: is larger than 4 MB; is it a configuration file?')
    expect(await messageOf('latin1.yaml')).toBe('latin1.yaml: is not UTF-8 text; save it in UTF-8')
  })
})
