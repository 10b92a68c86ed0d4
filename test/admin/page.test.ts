import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../../src/admin/index.ts'
import { AdminHarness, credentialOf } from '../support/admin.ts'
import { hasBrowser, openBrowser } from '../support/browser.ts'

const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'

describe.skipIf(!hasBrowser)('the page of the admin API in a browser', () => {
  let api: AdminHarness
  let browser: Browser
  let page: Page
  const elsewhere: string[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    api = await AdminHarness.start()
    browser = await openBrowser()
    page = await browser.newPage()
    page.on('request', (request) => {
      if (!request.url().startsWith(`http://127.0.0.1:${api.port}/admin/`)) elsewhere.push(request.url())
    })
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(`http://127.0.0.1:${api.port}/admin/docs`)
    await page.waitForSelector('details')
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await api?.close()
  })

  it('shows every row, without anything from elsewhere', async () => {
    expect(await page.locator('details').count()).toBe(resources.length)
    expect([elsewhere, complaints]).toEqual([[], []])
  })

  it('sends a request, and shows the answer as text', async () => {
    await page.fill('#secret', credentialOf('admin'))
    const create = page.locator('#post-keys')
    await create.locator('summary').click()
    await create.locator('textarea').fill(JSON.stringify({ name: MARKUP }))
    await create.locator('button').click()
    const answer = create.locator('pre')
    await answer.filter({ hasText: '"version": 1' }).waitFor()
    expect(await answer.textContent()).toContain(JSON.stringify(MARKUP))
    expect(await page.title()).toBe('MLflow Gateway admin API')
    expect([elsewhere, complaints]).toEqual([[], []])
  })

  it('puts the path, the query and the version where they belong', async () => {
    const { json: made } = await api.call('POST', '/admin/keys', { body: { name: 'from the page' } })
    const change = page.locator('#patch-keys-id')
    await change.locator('summary').click()
    const [id, version] = [change.locator('input').nth(0), change.locator('input').nth(1)]
    await id.fill(made.id)
    await version.fill('"1"')
    await change.locator('textarea').fill('{"enabled": false}')
    await change.locator('button').click()
    await change.locator('pre').filter({ hasText: '"enabled": false' }).waitFor()
    const list = page.locator('#get-keys')
    await list.locator('summary').click()
    await list.locator('label', { hasText: 'text' }).locator('input').fill('from the page')
    await list.locator('button').click()
    await list.locator('pre').filter({ hasText: made.id }).waitFor()
    expect((await api.call('GET', `/admin/keys/${made.id}`)).json).toMatchObject({
      enabled: false,
      version: 2,
    })
  })
})
