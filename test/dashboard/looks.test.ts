import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { AxeResults } from 'axe-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser } from '../support/browser.ts'
import { DashboardRig } from './rig.ts'

const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url))
const MOST_SCRIPT_BYTES = 200 * 1024

const CONFIG = `limits: [{ requests: 100, per: minute }]
routes:
  - name: chat
    type: llm/v1/chat
    targets:
      - { model: { provider: mock, name: good, config: { reply: Hello } } }
      - { model: { provider: mock, name: bad, config: { error_rate: 1, error_kind: server_error } } }
`

const PAGES = [
  ['/', 'Overview'],
  ['/routes', 'Routes'],
  ['/routes/chat', 'chat'],
  ['/playground', 'Playground'],
  ['/requests', 'Requests'],
  ['/usage', 'Usage and cost'],
  ['/budgets', 'Budgets'],
  ['/keys', 'Keys'],
  ['/people', 'Teams and users'],
  ['/config', 'Configuration'],
  ['/setup', 'Set-up'],
] as const

describe.skipIf(!hasBrowser)('the look of the dashboard', () => {
  let rig: DashboardRig

  beforeAll(async () => {
    rig = await DashboardRig.start(CONFIG)
    await rig.signIn()
    for (let count = 0; count < 4; count++) await rig.chat({ model: 'chat' })
    await rig.admin('POST', '/admin/keys', { name: 'Ada', limits: [{ cost: 5, per: 'month' }] })
    await rig.admin('POST', '/admin/teams', { id: 'search', limits: [{ cost: 5, per: 'month' }] })
  }, 60_000)

  afterAll(() => rig?.stop())

  it('can be used by everybody before signing in', async () => {
    const page = await rig.stranger()
    await page.goto(rig.url)
    await page.getByLabel('Admin key').waitFor()
    expect(await violations({ page })).toEqual([])
    await page.context().close()
  })

  it.each(PAGES)('%s can be used by everybody, light and dark, on a phone too', async (path, heading) => {
    const { page } = rig
    await rig.open(path, heading)
    await page.waitForLoadState('networkidle')
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect([colorScheme, await violations(rig)]).toEqual([colorScheme, []])
    }
    await page.setViewportSize({ width: 390, height: 844 })
    // Charts are drawn anew a moment later.
    await page.waitForFunction('document.documentElement.scrollWidth === 390')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  it('goes from page to page by keyboard, and tells where it is', async () => {
    const { page } = rig
    await rig.open('/', 'Overview')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    await page.getByRole('link', { name: 'Keys' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    expect(await page.getByRole('link', { name: 'Keys', exact: true }).getAttribute('aria-current')).toBe(
      'page',
    )
    await page.getByRole('button', { name: 'New key' }).press('Enter')
    await page.getByRole('dialog').getByLabel('Name').waitFor()
    expect(await violations(rig)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('loads at most 200 KB of script at first', async () => {
    const page = await rig.context.newPage()
    const loaded: string[] = []
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) loaded.push(new URL(response.url()).pathname)
    })
    await page.goto(rig.url)
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.waitForLoadState('networkidle')
    await page.close()
    const dist = fileURLToPath(new URL('../../dist/dashboard', import.meta.url))
    const sizes = await Promise.all(
      loaded.map(async (path) => gzipSync(await readFile(join(dist, path))).length),
    )
    const sum = sizes.reduce((total, size) => total + size, 0)
    expect(sum).toBeGreaterThan(50_000)
    expect(sum).toBeLessThan(MOST_SCRIPT_BYTES)
    expect((await readdir(join(dist, 'assets'))).some((name) => name.endsWith('.map'))).toBe(false)
  })
})

/** What axe finds, in a line each. */
async function violations({ page }: Pick<DashboardRig, 'page'>): Promise<string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'))
  const { violations: found } = await page.evaluate<AxeResults>('axe.run()')
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}
