import { createServer } from 'node:net'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { idlePlane } from '../../test/support/admin.ts'
import { accepts, ask } from '../../test/support/ask.ts'
import { freePort } from '../../test/support/gateway.ts'
import { Secret } from '../core/secret.ts'
import { openDatabase } from '../stores/index.ts'
import { AdminListener } from './listener.ts'

const database = await openDatabase({ sqlite: ':memory:' })
const plane = idlePlane({ database })

const listener = new AdminListener(plane)

afterEach(() => listener.close())
afterAll(() => database.close())

function at(port: number, token: string): { host: string; port: number; secret: Secret } {
  return { host: '127.0.0.1', port, secret: new Secret(token) }
}

async function status(port: number, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await ask(`http://127.0.0.1:${port}/admin/config`, { headers })).status
}

describe('the admin listener', () => {
  it('listens nowhere without a token', async () => {
    const port = await freePort()
    expect(await listener.use(undefined)).toBeUndefined()
    expect(await accepts(port)).toBe(false)
  })

  it('takes a new token at once, and the old one no more', async () => {
    const port = await freePort()
    await listener.use(at(port, 'one'))
    await listener.use(at(port, 'two'))
    expect([await status(port, 'one'), await status(port, 'two')]).toEqual([401, 200])
  })

  it('moves to another port, and stops when there is no token any more', async () => {
    const [first, second] = [await freePort(), await freePort()]
    await listener.use(at(first, 'one'))
    expect(await listener.use(at(second, 'two'))).toBeUndefined()
    expect([await accepts(first), await status(second, 'two')]).toEqual([false, 200])
    await listener.use(undefined)
    expect(await accepts(second)).toBe(false)
  })

  it('stays where it was when the new port is taken, but with the new token', async () => {
    const taken = createServer()
    const blocked = await freePort()
    await new Promise<void>((resolve) => taken.listen(blocked, '127.0.0.1', resolve))
    const port = await freePort()
    await listener.use(at(port, 'one'))
    expect(await listener.use(at(blocked, 'two'))).toBe(
      `the port ${blocked} on 127.0.0.1 for the admin API is in use; set server.admin_port to another`,
    )
    expect([await status(port, 'one'), await status(port, 'two')]).toEqual([401, 200])
    await new Promise((resolve) => taken.close(resolve))
  })

  it.each([
    [{ host: '192.0.2.1', port: 1 }, 'set server.admin_host'],
    [{ host: '127.0.0.1', port: 65_536 }, 'set server.admin_port'],
  ])('says what to change for %o', async (place, message) => {
    expect(await listener.use({ ...place, secret: new Secret('t') })).toContain(message)
  })
})
