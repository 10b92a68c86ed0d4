import { expect, test } from 'vitest'
import { printIssue } from '../config/issue.ts'
import { parseConfig } from '../config/load.ts'
import { Secret } from '../core/secret.ts'
import { withoutUnbuildable } from './unbuildable.ts'

const FILE = 'routes: [{name: in-file, type: llm/v1/chat, model: {provider: mock, name: m}}]'
/** Its credential must be JSON, which no schema says. */
const VERTEX = {
  provider: 'vertex-ai',
  name: 'gemini-2.0-flash',
  config: { vertex_project: 'p', vertex_credentials: 'secret:google' },
}

function load(google: string): Extract<ReturnType<typeof parseConfig>, { ok: true }> {
  const definitions = {
    broken: { type: 'llm/v1/chat', model: VERTEX },
    leads: { type: 'llm/v1/chat', targets: [{ route: 'broken' }, { route: 'in-file' }] },
    right: { type: 'llm/v1/chat', targets: [{ route: 'in-file' }] },
  }
  const routes = Object.entries(definitions).map(([name, definition]) => ({ name, version: 1, definition }))
  const stored = { find: () => ({ ok: true as const, secret: new Secret(google) }) }
  const loaded = parseConfig(FILE, { file: 'gateway.yaml', env: {}, stored, routes })
  if (!loaded.ok) throw new Error(loaded.issues.map(printIssue).join('\n'))
  return loaded
}

test('a route of the store that cannot be built is left out, with those that lead to it, and says why', async () => {
  const loaded = load('canary-no-json')
  expect(loaded.config.routes).toHaveLength(4)
  const { config, catalogue } = await withoutUnbuildable(loaded)
  expect(config.routes.map(({ name }) => name)).toEqual(['in-file', 'right'])
  expect(catalogue.routes.map(({ name, state }) => [name, state])).toEqual([
    ['in-file', 'ready'],
    ['broken', 'invalid'],
    ['leads', 'invalid'],
    ['right', 'ready'],
  ])
  const [, broken] = catalogue.routes
  expect(broken?.issues[0]?.message).toMatch(/^vertex_credentials is not the JSON of a service account/)
  expect(JSON.stringify(catalogue)).not.toContain('canary')
})

test('those that can be built are left as they are', async () => {
  const account = JSON.stringify({ type: 'service_account', client_email: 'a@b', private_key: 'k' })
  const loaded = load(account)
  expect(await withoutUnbuildable(loaded)).toBe(loaded)
})
