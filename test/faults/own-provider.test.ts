import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, chatBody } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { says } from '../support/openai-upstream.ts'
import { Upstream } from '../support/upstream.ts'
import { waitFor } from '../support/wait.ts'

/** The package's own module: what `mlflow-gateway/provider` leads to. */
const PACKAGE = new URL('../../dist/provider.js', import.meta.url).href

let folder = ''
let upstream: Upstream
let gateway: Gateway
let changes = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-provider-'))
  upstream = await Upstream.start({ '': says('Hello') })
  await writeModule(moduleText('first'))
  gateway = await Gateway.start(configText(), { env: { TEAM_KEY: 'team-secret' } })
})

afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
  await rm(folder, { recursive: true, force: true })
})

function moduleText(team: string): string {
  return `import { createHttpProvider, openAiChat, option } from '${PACKAGE}'

export default {
  name: 'house-models',
  routeTypes: ['llm/v1/chat'],
  options: option.object({ team_key: option.secret({ description: 'The key.' }) }),
  create: ({ model, config }) =>
    createHttpProvider({
      name: 'house-models',
      model,
      baseUrl: 'http://127.0.0.1:${upstream.port}/v1',
      headers: { 'x-team': '${team}', 'x-team-key': config.team_key },
      formats: [{ format: openAiChat, path: '/chat/completions' }],
      secrets: [config.team_key],
    }),
}
`
}

function configText(): string {
  const model = `{provider: ${join(folder, 'house.mjs')}, name: house-7b, config: {team_key: $TEAM_KEY}}`
  return `routes:\n  - {name: chat, type: llm/v1/chat, model: ${model}}\n`
}

/** Another content, at another time: what a reload looks at. */
async function writeModule(text: string): Promise<void> {
  const path = join(folder, 'house.mjs')
  await writeFile(path, text)
  changes++
  await utimes(path, changes, changes)
}

async function teamAsked(): Promise<unknown> {
  const { status } = await ask(`${gateway.url}/gateway/chat/invocations`, { body: chatBody('Hi') })
  expect(status).toBe(200)
  return upstream.ledger.at(-1)?.headers['x-team']
}

describe("a user's own provider", () => {
  it('serves in every worker, with its secret found', async () => {
    expect(await teamAsked()).toBe('first')
    expect(upstream.ledger.at(-1)).toMatchObject({
      model: 'house-7b',
      headers: { 'x-team-key': 'team-secret' },
    })
    const { text } = await ask(`${gateway.url}/api/2.0/gateway/routes/chat`)
    expect(JSON.parse(text)).toMatchObject({ model: { name: 'house-7b', provider: 'house-models' } })
  })

  it('is read again at a reload when its file has changed', async () => {
    await writeModule(moduleText('second'))
    gateway.signal('SIGHUP')
    await waitFor('all workers to reload', async () =>
      (await gateway.healthOfAll()).every(({ config }) => config.generation === 2),
    )
    expect(await teamAsked()).toBe('second')
  })

  it('that breaks leaves the last good one in use, and says where it is named', async () => {
    await writeModule('throw new Error("out of order")')
    gateway.signal('SIGHUP')
    const told =
      /gateway\.yaml:2:\d+: routes\[0\]\.model\.provider: the module .* cannot be used: out of order/
    await waitFor('all workers to say so', async () =>
      (await gateway.healthOfAll()).every(({ config }) => told.test(config.error ?? '')),
    )
    expect(await teamAsked()).toBe('second')
  })

  it('that breaks in a worker only keeps the old configuration in all', async () => {
    await writeModule(`import cluster from 'node:cluster'
if (cluster.isWorker) throw new Error('not here')
${moduleText('third')}`)
    gateway.signal('SIGHUP')
    await waitFor('all workers to say so', async () =>
      (await gateway.healthOfAll()).every(({ config }) => config.error?.includes('not here')),
    )
    expect(await teamAsked()).toBe('second')
  })
})

it('a gateway whose module is broken does not start', async () => {
  await writeModule('export default 1')
  const doomed = await Gateway.start(configText(), { env: { TEAM_KEY: 'x' }, isDoomed: true })
  try {
    expect(await doomed.exited).toEqual({ code: 2, signal: null })
    expect(doomed.stderr).toContain('its default export is no ProviderDefinition')
  } finally {
    await doomed.stop()
  }
})
