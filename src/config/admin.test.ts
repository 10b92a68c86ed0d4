import { describe, expect, it } from 'vitest'
import { printIssue } from './issue.ts'
import { parseConfig } from './load.ts'
import type { ServerConfig } from './schema.ts'

const TOKEN = 'canary-token-of-24-chars'

function read(server: string): ServerConfig | string[] {
  const text = `server: {${server}}\nroutes: []\n`
  const result = parseConfig(text, { file: 'gateway.yaml', env: { TOKEN, SHORT: 'canary-short' } })
  return result.ok ? result.config.server : result.issues.map(printIssue)
}

describe('the admin API', () => {
  it('is nothing that a file without a word of it has', () => {
    expect(read('body_limit: 9000')).not.toHaveProperty('admin')
  })

  it('has an address also when its secret is elsewhere', () => {
    expect(read('admin_port: 9000')).toMatchObject({ admin: { host: '127.0.0.1', port: 9000 } })
    expect(read('admin_port: 9000')).not.toHaveProperty('admin.token')
  })

  it('has an address of its own when nothing is said about it', () => {
    expect(read('admin_token: $TOKEN')).toMatchObject({ admin: { host: '127.0.0.1' } })
    expect(read('admin_token: $TOKEN, admin_host: 10.0.0.1, admin_port: 9000')).toMatchObject({
      admin: { host: '10.0.0.1', port: 9000 },
    })
  })

  it.each([['$SHORT'], ['canary-literal']])(
    'refuses a short token such as %s without repeating it',
    (token) => {
      expect(read(`admin_token: ${token}`)).toEqual([
        expect.stringMatching(
          /^gateway\.yaml:1:23: server\.admin_token: is too short; write at least 24 characters/,
        ),
      ])
      expect(JSON.stringify(read(`admin_token: ${token}`))).not.toMatch(/canary/)
    },
  )

  it('tells of a token that cannot be found once', () => {
    expect(read('admin_token: $MISSING')).toEqual([expect.stringContaining('"MISSING" is not set')])
  })

  it.each(['0', '65536', '1.5', 'x'])('refuses the port %s', (port) => {
    expect(read(`admin_token: $TOKEN, admin_port: ${port}`)).toHaveLength(1)
  })
})
