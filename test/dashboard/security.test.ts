import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../support/ask.ts'
import { hasBrowser } from '../support/browser.ts'
import { listen } from '../support/listen.ts'
import { waitFor } from '../support/wait.ts'
import { DashboardRig } from './rig.ts'

/** What would run, or look like the page's own, if any of it were taken for markup. */
const HOSTILE = [
  '<script>window.pwned=1</script>',
  '<img src=x onerror="window.pwned=1">',
  '"><svg onload=window.pwned=1>',
  "';window.pwned=1;//",
  '</textarea><script>window.pwned=1</script>',
  'javascript:window.pwned=1',
  '{{constructor.constructor("window.pwned=1")()}}',
  '\u202Eevil\u2066',
]
const CONFIG = `routes:
  - name: chat
    type: llm/v1/chat
    store_bodies: {}
    targets:
${HOSTILE.map((text) => `      - model: { provider: mock, name: ${JSON.stringify(text)}, config: { reply: ${JSON.stringify(text)} } }`).join('\n')}
`

describe.skipIf(!hasBrowser)('the dashboard, of those who mean no good', () => {
  let rig: DashboardRig

  beforeAll(async () => {
    rig = await DashboardRig.start(CONFIG)
  }, 60_000)

  afterAll(() => rig?.stop())

  it('shows nothing to who has not signed in, and says when the key is wrong', async () => {
    const { page } = rig
    await page.goto(`${rig.url}/keys`)
    await page.getByLabel('Admin key').fill('not-the-admin-key-of-anybody')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('That is not the admin key of this gateway.').waitFor()
    expect(await page.getByRole('navigation').count()).toBe(0)
  })

  it('keeps the session where no script can read it, and the key nowhere', async () => {
    const { page } = rig
    await rig.signIn()
    const cookies = await rig.context.cookies()
    expect(cookies).toMatchObject([
      { name: 'mlflow_gateway_session', httpOnly: true, sameSite: 'Strict', path: '/' },
    ])
    expect(cookies[0]?.value).not.toContain(rig.secret)
    expect(await page.evaluate<string>('document.cookie')).toBe('')
    const kept = await page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')
    expect(kept).not.toContain(rig.secret)
  })

  it('may be framed by nobody, and runs no script that is not a file of its own', async () => {
    for (const path of ['/', '/requests', '/keys?text=x']) {
      const { headers, status } = await ask(rig.url + path)
      expect(status).toBe(200)
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['content-security-policy']).toContain("script-src 'self'")
      expect(headers['content-security-policy']).not.toContain('unsafe')
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
  })

  it('does nothing for a page of another site on this machine, which the browser sends the cookie with', async () => {
    const other = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>other</title>')
    })
    const port = await listen(other)
    const page = await rig.context.newPage()
    try {
      await page.goto(`http://127.0.0.1:${port}/`)
      const tries = [
        `fetch('${rig.url}/admin/keys', { method: 'POST', credentials: 'include', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{"name":"csrf"}' })`,
        `fetch('${rig.url}/admin/keys', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{"name":"csrf"}' })`,
        `fetch('${rig.url}/admin/session', { method: 'DELETE', credentials: 'include', mode: 'no-cors' })`,
        `fetch('${rig.url}/admin/keys', { credentials: 'include', mode: 'no-cors' })`,
      ]
      for (const attempt of tries) await page.evaluate(`${attempt}.then(() => 0, () => 0)`)
      await page.setContent(
        `<form method="post" action="${rig.url}/admin/keys" enctype="text/plain"><input name='{"name":"csrf","x":"' value='"}'></form>`,
      )
      await page.evaluate('document.forms[0].submit()')
      await page.getByText('unauthorized').waitFor()
    } finally {
      await page.close()
      other.close()
    }
    expect((await rig.admin('GET', '/admin/keys')).text).not.toContain('csrf')
    await rig.open('/keys', 'Keys')
  })

  it('takes what others wrote for text, in every field that it shows', async () => {
    const { page } = rig
    for (const text of HOSTILE) {
      const body = {
        name: text,
        user: text,
        team: text,
        tags: { project: text, [text]: text },
        routes: [text],
      }
      expect((await rig.admin('POST', '/admin/keys', { ...body, metadata: { x: text } })).status).toBe(201)
      expect((await rig.admin('POST', '/admin/teams', { id: text })).status).toBe(201)
      const message = { role: 'user', content: text }
      const { status } = await rig.chat(
        { model: 'chat', messages: [message] },
        { 'x-request-id': text.replaceAll(/[^ -~]/g, '') },
      )
      expect(status).toBe(200)
      await rig.chat({ model: text, messages: [message] })
    }
    await waitFor('the records', async () => {
      const { text } = await rig.admin('GET', '/admin/requests')
      const { items }: { items: unknown[] } = JSON.parse(text)
      return items.length >= HOSTILE.length
    })
    const { text } = await rig.admin('GET', '/admin/requests?route=chat&limit=1')
    const { items }: { items: { id: string }[] } = JSON.parse(text)
    const paths = [
      ['/', 'Overview'],
      ['/requests', 'Requests'],
      [`/requests/${items[0]?.id ?? ''}`, 'Request'],
      ['/keys', 'Keys'],
      ['/people', 'Teams and users'],
      ['/usage?by=tag:project', 'Usage and cost'],
      ['/usage?by=model', 'Usage and cost'],
      ['/routes', 'Routes'],
      ['/routes/chat', 'chat'],
      ['/budgets', 'Budgets'],
      ['/config', 'Configuration'],
      [`/requests?route=${encodeURIComponent(HOSTILE[0] ?? '')}`, 'Requests'],
      [`/routes/${encodeURIComponent(HOSTILE[1] ?? '')}`, HOSTILE[1] ?? ''],
    ] as const
    for (const [path, heading] of paths) {
      await rig.open(path, heading)
      await page.waitForLoadState('networkidle')
      expect([path, await page.evaluate('window.pwned ?? 0')]).toEqual([path, 0])
      expect([path, await page.locator('img[src="x"], script:not([src])').count()]).toEqual([path, 0])
    }
    await rig.open('/playground?route=chat', 'Playground')
    await page.getByLabel('Message').fill(HOSTILE[1] ?? '')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('Details').waitFor()
    expect(await page.evaluate('window.pwned ?? 0')).toBe(0)
    expect(rig.elsewhere).toEqual([])
  })

  it('lets go of who signs out, at the server too, and of all tabs', async () => {
    const { page } = rig
    const [cookie] = await rig.context.cookies()
    const second = await rig.context.newPage()
    rig.listenTo(second)
    await second.goto(`${rig.url}/budgets`)
    await second.getByRole('heading', { name: 'Budgets' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Admin key').waitFor()
    await second.getByLabel('Admin key').waitFor()
    const headers = {
      cookie: `${cookie?.name ?? ''}=${cookie?.value ?? ''}`,
      'sec-fetch-site': 'same-origin',
    }
    expect((await ask(`${rig.url}/admin/keys`, { headers })).status).toBe(401)
    await second.close()
  })
})
