import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { explainRequest, type ExplainArguments } from './explain.ts'

const CONFIG = `
routes:
  - name: smart
    type: llm/v1/chat
    targets:
      - {name: one, model: {provider: openai, name: a, config: {openai_api_key: sk-canary-one}}, when: {header.x-tier: free}}
      - {name: two, model: {provider: openai, name: b, config: {openai_api_key: sk-canary-two}}}
`

let folder: string
let out = ''
let err = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'explain-'))
  await writeFile(join(folder, 'good.yaml'), CONFIG)
  await writeFile(join(folder, 'bad.yaml'), 'routes: [{name: a, typ: x}]')
  await writeFile(join(folder, 'body.json'), '{"model":"smart","messages":[{"role":"user","content":"hi"}]}')
  await writeFile(join(folder, 'broken.json'), '{"canary')
  await writeFile(join(folder, 'list.json'), '[]')
})

afterAll(() => rm(folder, { recursive: true }))

beforeEach(() => {
  out = ''
  err = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text)
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

function run(changes: Partial<ExplainArguments> = {}): Promise<number> {
  const given = { configPath: 'good.yaml', route: 'smart', request: 'body.json', header: [], ...changes }
  return explainRequest({
    ...given,
    configPath: join(folder, given.configPath),
    request: join(folder, given.request),
  })
}

describe('the command explain', () => {
  it('prints what would become of a request', async () => {
    expect(await run({ header: ['X-Tier:  free'], key: 'canary-caller-key' })).toBe(0)
    expect(out).toContain('smart/one')
    expect(out).not.toContain('ruled out')
    expect(out + err).not.toContain('canary')
  })

  it('prints it as JSON', async () => {
    expect(await run({ json: true })).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      route: 'smart',
      upstream: { target: 'two', http: { method: 'POST' } },
    })
  })

  it.each<[string, Partial<ExplainArguments>, RegExp]>([
    ['a wrong configuration', { configPath: 'bad.yaml' }, /bad\.yaml:1:\d+: routes\[0\]\.typ: unknown key/],
    ['a missing configuration', { configPath: 'none.yaml' }, /none\.yaml/],
    ['an unknown route', { route: 'smrt' }, /has no route "smrt"; did you mean "smart"\?/],
    ['a route like none', { route: 'xxxxxxxxxx' }, /its routes are "smart"/],
    ['a missing body', { request: 'none.json' }, /none\.json cannot be read \(ENOENT\)/],
    ['a body that is no JSON', { request: 'broken.json' }, /broken\.json is not valid JSON/],
    ['a body that is no object', { request: 'list.json' }, /list\.json must hold a JSON object/],
    ['a body of another API', { dialect: 'gemini' }, /contents/],
    ['an unknown API', { dialect: 'gemin' }, /There is no dialect "gemin"/],
    ['a header without a colon', { header: ['canary'] }, /--header is no header/],
    ['a key that is not set', { key: '$NO_SUCH_KEY' }, /--key environment variable "NO_SUCH_KEY" is not set/],
  ])('exits with 2 for %s', async (_name, changes, message) => {
    expect(await run(changes)).toBe(2)
    expect(err).toMatch(message)
    expect(out).toBe('')
    expect(err).not.toContain('canary')
  })

  it('needs a configuration', async () => {
    vi.stubEnv('MLFLOW_GATEWAY_CONFIG', '')
    const code = await explainRequest({ route: 'smart', request: join(folder, 'body.json'), header: [] })
    expect([code, err]).toEqual([2, expect.stringContaining('--config-path')])
  })
})
