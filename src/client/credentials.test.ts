import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { json, startScriptedServer } from '../../test/scripted-server.ts'
import { GatewayRequestError, MlflowGatewayClient, type ClientOptions } from './index.ts'

const TOKEN = 'canary-token-8d1f'
const PASSWORD = 'canary-pässword'

beforeEach(() => {
  for (const name of ['TOKEN', 'USERNAME', 'PASSWORD']) vi.stubEnv(`MLFLOW_TRACKING_${name}`, '')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}

async function sentAuthorization(options: ClientOptions, login = ''): Promise<string | undefined> {
  const server = await startScriptedServer(json(200, {}))
  const client = new MlflowGatewayClient({ gatewayUri: server.uri.replace('//', `//${login}`), ...options })
  await client.query('completions', { prompt: 'hi' })
  return server.seen[0]?.headers.authorization
}

describe('the credential', () => {
  test('is absent by default', async () => {
    expect(await sentAuthorization({})).toBeUndefined()
  })

  test('is a bearer token or a basic login from the options', async () => {
    expect(await sentAuthorization({ token: TOKEN })).toBe(`Bearer ${TOKEN}`)
    expect(await sentAuthorization({ username: 'ann', password: PASSWORD })).toBe(basic(`ann:${PASSWORD}`))
  })

  test('is read from the URI, which fetch itself would refuse', async () => {
    expect(await sentAuthorization({}, 'ann:a%20b@')).toBe(basic('ann:a b'))
  })

  test('is read from the environment, a login before a token', async () => {
    vi.stubEnv('MLFLOW_TRACKING_TOKEN', TOKEN)
    expect(await sentAuthorization({})).toBe(`Bearer ${TOKEN}`)
    vi.stubEnv('MLFLOW_TRACKING_USERNAME', 'ann')
    expect(await sentAuthorization({})).toBe(`Bearer ${TOKEN}`)
    vi.stubEnv('MLFLOW_TRACKING_PASSWORD', 'secret')
    expect(await sentAuthorization({})).toBe(basic('ann:secret'))
    expect(await sentAuthorization({ token: 'other' })).toBe('Bearer other')
  })

  test("gives way to the caller's own authorization header", async () => {
    vi.stubEnv('MLFLOW_TRACKING_TOKEN', TOKEN)
    expect(await sentAuthorization({ headers: { Authorization: 'Custom x' } })).toBe('Custom x')
  })

  test.each<ClientOptions>([
    { token: `${TOKEN}\nx: y` },
    { token: TOKEN, username: 'ann', password: PASSWORD },
    { password: PASSWORD },
    { username: `ann:${TOKEN}`, password: PASSWORD },
    { headers: { authorization: `${TOKEN}\nx: y` } },
  ])('is refused without being shown when it cannot be sent (%#)', (options) => {
    const create = (): unknown => new MlflowGatewayClient({ gatewayUri: 'http://h', ...options })
    expect(create).toThrow(/^(?!.*canary)/)
    expect(create).toThrow(TypeError)
  })

  test.each<[string, ClientOptions, string]>([
    ['token', { token: TOKEN }, ''],
    ['password', { username: 'ann', password: PASSWORD }, ''],
    ['login in the URI', {}, `ann:${encodeURIComponent(PASSWORD)}@`],
    ['header', { headers: { authorization: `Bearer ${TOKEN}` } }, ''],
  ])(
    'does not show in the client or its errors, even when the gateway repeats it: %s',
    async (_, options, login) => {
      const server = await startScriptedServer((response, request) => {
        const echo = `${request.headers.authorization} ${TOKEN} ${PASSWORD}`
        json(401, { detail: `refused: ${echo}`, echo })(response, request)
      })
      const client = new MlflowGatewayClient({
        gatewayUri: server.uri.replace('//', `//${login}`),
        ...options,
      })
      const error: unknown = await client.query('chat', { prompt: 'hi' }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(GatewayRequestError)
      const secret = (options.token ?? options.headers) ? TOKEN : PASSWORD
      const shown =
        inspect([client, error], { depth: 10, showHidden: true }) + JSON.stringify([client, error])
      expect(shown).toContain('refused')
      expect(shown).not.toContain(secret)
      expect(shown).not.toContain(server.seen[0]?.headers.authorization?.split(' ')[1])
      expect(client.gatewayUri).toBe(server.uri)
    },
  )
})
