import { readFile, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasBrowser } from '../support/browser.ts'
import { waitFor } from '../support/wait.ts'
import { DashboardRig } from './rig.ts'

const CANARY = 'CANARY-literal-key-0123456789'
const CONFIG = `auth: { keys: [] }
routes:
  - name: chat
    type: llm/v1/chat
    store_bodies: { retention: 1d }
    model: { provider: mock, name: mock-chat, config: { reply: "From the mock." } }
    limits: [{ requests: 1000, per: day }]
  - name: other
    type: llm/v1/chat
    targets:
      - { model: { provider: mock, name: dear, config: { reply: "From the dear one." } }, price: { request: 0.5 } }
      - { model: { provider: mock, name: broken, config: { error_rate: 1, error_kind: server_error } }, weight: 0 }
  - name: real
    type: llm/v1/chat
    model: { provider: openai, name: gpt-4o, config: { openai_api_key: ${CANARY} } }
`

describe.skipIf(!hasBrowser)('the dashboard', () => {
  let rig: DashboardRig

  beforeAll(async () => {
    const key = randomBytes(32).toString('base64')
    rig = await DashboardRig.start(CONFIG, { MLFLOW_GATEWAY_ENCRYPTION_KEY: key })
    await rig.signIn()
  }, 60_000)

  afterAll(() => rig?.stop())

  beforeEach(() => {
    rig.complaints.length = 0
  })

  it('teaches what to do where there is nothing yet', async () => {
    await rig.page.getByText('No requests in this time').waitFor()
    await rig.open('/requests', 'Requests')
    await rig.page.getByText('No requests yet').waitFor()
    await rig.open('/keys', 'Keys')
    await rig.page.getByText('No keys yet').waitFor()
    expect(rig.complaints).toEqual([])
  })

  it('asks a route in the playground, streamed, and shows what that took', async () => {
    const { page } = rig
    await rig.open('/playground?route=other', 'Playground')
    await page.getByLabel('System prompt').fill('Be brief.')
    await page.getByLabel('Message').fill('Hello')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByTestId('answer').filter({ hasText: 'From the dear one.' }).waitFor()
    await page.getByText('cost $0.50').waitFor()
    await page.getByText('mock/dear: ok').waitFor()
    await page.getByText('Raw exchange').click()
    await page.getByRole('region', { name: 'Request' }).getByText('Be brief.').waitFor()
    expect(rig.complaints).toEqual([])
  })

  it('asks several routes the same, side by side', async () => {
    const { page } = rig
    await rig.open('/playground?route=other', 'Playground')
    await page.getByRole('checkbox', { name: 'chat' }).check()
    await page.getByLabel('Message').fill('Hello')
    await page.getByRole('button', { name: 'Ask 2 routes' }).click()
    await page.getByText('From the mock.', { exact: true }).waitFor()
    await page.getByText('From the dear one.', { exact: true }).waitFor()
    expect(rig.complaints).toEqual([])
  })

  it('shows a request within a second, in full with its attempts and what was said', async () => {
    const { page } = rig
    await rig.open('/requests?route=chat', 'Requests')
    const made = await makeKey(rig, 'script')
    const { headers } = await rig.chat({ model: 'chat' }, { authorization: `Bearer ${made}` })
    const row = page.locator('tr', { hasText: 'script' })
    await row.waitFor({ timeout: 2_000 })
    await row.getByRole('link').first().click()
    await page.getByText(String(headers['x-request-id'])).waitFor()
    await page.getByRole('heading', { name: 'Attempts' }).waitFor()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByRole('region', { name: 'Answer' }).getByText('From the mock.').waitFor()
    await page.getByRole('link', { name: 'Open in the playground' }).click()
    await waitFor('the message', async () => (await page.getByLabel('Message').inputValue()) === 'Hello')
    expect(rig.complaints).toEqual([])
  })

  it('narrows the requests down', async () => {
    const { page } = rig
    await rig.chat({ model: 'nowhere' }, { authorization: `Bearer ${await makeKey(rig, 'lost')}` })
    await rig.open('/requests', 'Requests')
    await page.getByText('404 not_found').waitFor()
    await page.getByText('Narrow down').click()
    await page.getByLabel('Outcome').selectOption('ok')
    await page.getByText('404 not_found').waitFor({ state: 'detached' })
    await page.getByLabel('Time').selectOption('1h')
    await waitFor('the address to have the time', () => /period=1h/.test(page.url()))
    await page.getByLabel('Route').fill('chat')
    await page.getByLabel('Route').press('Enter')
    await waitFor('the address to say so', () => /route=chat/.test(page.url()))
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByText('404 not_found').waitFor()
    expect(rig.complaints).toEqual([])
  })

  it('makes a key with a budget, shows it once, rotates and revokes it', async () => {
    const { page } = rig
    await rig.open('/keys', 'Keys')
    await page.getByRole('button', { name: 'New key' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Ada')
    await dialog.getByLabel('Tags').fill('project: search')
    await dialog.getByRole('button', { name: 'Add a limit' }).click()
    await dialog.getByLabel('At most').fill('1')
    await dialog.getByLabel('Of what').selectOption('requests')
    await dialog.getByRole('button', { name: 'Create key' }).click()
    const key = await keyShown(rig)
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByText('1 requests per month').waitFor()
    expect(await page.content()).not.toContain(key)
    const authorization = { authorization: `Bearer ${key}` }
    expect((await rig.chat({ model: 'chat' }, authorization)).status).toBe(200)
    expect((await rig.chat({ model: 'chat' }, authorization)).status).toBe(429)

    await page.getByRole('button', { name: 'Rotate Ada' }).click()
    await dialog.getByLabel('The key as it is now').selectOption('0s')
    await dialog.getByRole('button', { name: 'Make a new key' }).click()
    await page.getByRole('heading', { name: 'The key Ada' }).waitFor()
    const next = await keyShown(rig)
    expect(next).not.toBe(key)
    expect((await rig.chat({ model: 'chat' }, authorization)).status).toBe(401)
    await dialog.getByRole('button', { name: 'Done' }).click()

    await page.getByRole('button', { name: 'Revoke Ada' }).click()
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('link', { name: 'Ada' }).waitFor({ state: 'detached' })
    expect((await rig.chat({ model: 'chat' }, { authorization: `Bearer ${next}` })).status).toBe(401)
    expect(rig.complaints).toEqual([])
  })

  it('makes teams and users with limits, and shows where budgets stand', async () => {
    const { page } = rig
    await rig.open('/people', 'Teams and users')
    await page.getByRole('button', { name: 'New team' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('search')
    await dialog.getByRole('button', { name: 'Add a limit' }).click()
    await dialog.getByLabel('At most').fill('2')
    await dialog.getByRole('button', { name: 'Create team' }).click()
    await page.getByText('$2.00 per month').waitFor()
    await page.getByRole('button', { name: 'New user' }).click()
    await dialog.getByLabel('Name').fill('ada')
    await dialog.getByLabel('Team').fill('search')
    await dialog.getByRole('button', { name: 'Create user' }).click()
    await page.getByRole('link', { name: 'ada' }).waitFor()
    const key = await makeKey(rig, 'of ada', { user: 'ada' })
    expect((await rig.chat({ model: 'other' }, { authorization: `Bearer ${key}` })).status).toBe(200)
    await rig.open('/budgets', 'Budgets')
    await page.getByText('$0.50 of $2.00').waitFor()
    await page.getByRole('img', { name: '25 % used' }).waitFor()
  })

  it('sums what was used by whom', async () => {
    const { page } = rig
    await rig.open('/usage?period=24h&by=route', 'Usage and cost')
    const row = page.locator('tr', { hasText: 'other' })
    await row.getByText('$1.50').waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'CSV, by day' }).click()
    expect((await download).suggestedFilename()).toBe('usage.csv')
    await page.getByLabel('Group by').selectOption('team')
    await page.getByRole('link', { name: 'search' }).waitFor()
  })

  it('shows the overview with charts, as lines and as tables', async () => {
    const { page } = rig
    await rig.open('/', 'Overview')
    await page.getByRole('heading', { name: 'Top routes' }).waitFor()
    await page.getByText('As a table').first().click()
    const table = page.getByRole('table', { name: 'Requests' })
    expect(await table.getByRole('row').count()).toBe(61)
    expect(await page.locator('canvas').count()).toBe(4)
    expect(rig.complaints).toEqual([])
  })

  it('shows a route with where its traffic goes and how to call it', async () => {
    const { page } = rig
    await rig.open('/routes', 'Routes')
    await page.getByRole('link', { name: 'other' }).click()
    await page.getByRole('heading', { name: 'Where a request goes now' }).waitFor()
    await page.getByText('100 %').waitFor()
    await page.getByRole('button', { name: 'Anthropic, Python' }).click()
    await page.getByText(`base_url="http://127.0.0.1:${rig.gateway.port}/anthropic"`).waitFor()
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    const copied = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(copied).toContain('model="other"')
  })

  it('makes a route in the store, tells what is wrong with it, changes and deletes it', async () => {
    const { page } = rig
    await rig.open('/routes', 'Routes')
    await page.getByRole('button', { name: 'New route' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('mine')
    await dialog
      .getByLabel('Definition')
      .fill('{"type": "llm/v1/chat", "model": {"provider": "mok", "name": "m"}}')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'mock' }).waitFor()
    await dialog
      .getByLabel('Definition')
      .fill('{"type": "llm/v1/chat", "model": {"provider": "mock", "name": "m"}}')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { level: 1, name: 'mine' }).waitFor()
    await page.getByRole('button', { name: 'Change' }).click()
    await dialog
      .getByLabel('Definition')
      .fill('{"type": "llm/v1/chat", "model": {"provider": "mock", "name": "new"}}')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('"name": "new"').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { level: 1, name: 'Routes' }).waitFor()
    await page.getByRole('link', { name: 'mine' }).waitFor({ state: 'detached' })
    expect(rig.complaints).toEqual([])
  })

  it('connects a provider from its key to the first answer', async () => {
    const { page } = rig
    await rig.open('/setup', 'Set-up')
    await page.getByLabel('Provider').selectOption('openai-compatible')
    await page.getByLabel('Key', { exact: true }).fill('CANARY-provider-key-1')
    await page.getByLabel('Address').fill(`${rig.gateway.url}/v1`)
    await page.getByLabel('Model').fill('chat')
    await page.getByLabel('Route').fill('mine-too')
    await page.getByRole('button', { name: 'Connect' }).click()
    // That key is none of the gateway's.
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Key', { exact: true }).fill(await makeKey(rig, 'for the set-up'))
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByText('From the mock.').waitFor()
    await page.getByRole('link', { name: 'Go on in the playground' }).click()
    await page.getByRole('checkbox', { name: 'mine-too' }).waitFor()
    expect(await page.content()).not.toContain('CANARY')
  })

  it('shows the file without its credentials, checks a change, and saves it with them', async () => {
    const { page } = rig
    await rig.open('/config', 'Configuration')
    const editor = page.getByRole('textbox', { name: 'Configuration' })
    await editor.getByText('[kept 1]').waitFor()
    expect(await editor.innerText()).not.toContain(CANARY)
    expect(await page.content()).not.toContain(CANARY)
    await editor.press('Control+End')
    await page.keyboard.insertText('  - name: broken\n')
    await page.getByRole('list', { name: 'What is wrong' }).waitFor()
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await editor.press('Control+End')
    await page.keyboard.insertText('    type: llm/v1/chat\n    model: { provider: mock, name: added }\n')
    await page.getByText('It can be used.').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved. The gateway').waitFor()
    const text = await readFile(rig.gateway.configPath, 'utf8')
    expect(text).toContain(`openai_api_key: ${CANARY}`)
    expect(text).toContain('name: added')
    await page.getByRole('heading', { name: 'What the last reload changed' }).waitFor()
    await page.getByText('config.write').waitFor()
    expect(await page.content()).not.toContain(CANARY)
  })

  it('says on every page when the file cannot be used', async () => {
    const { page } = rig
    const good = await readFile(rig.gateway.configPath, 'utf8')
    await writeFile(rig.gateway.configPath, good.replace('name: other', 'nmae: other'))
    await rig.open('/budgets', 'Budgets')
    await page.getByRole('alert').filter({ hasText: 'nmae' }).waitFor()
    await writeFile(rig.gateway.configPath, good)
    await page.getByRole('alert').waitFor({ state: 'detached' })
    expect(rig.complaints).toEqual([])
  })

  it('asks nobody else for anything', () => {
    expect(rig.elsewhere).toEqual([])
  })
})

/** A key over the API. */
async function makeKey(rig: DashboardRig, name: string, fields: object = {}): Promise<string> {
  const { text } = await rig.admin('POST', '/admin/keys', { name, ...fields })
  const { key }: { key: string } = JSON.parse(text)
  return key
}

/** The one that the dialog shows. */
async function keyShown({ page }: DashboardRig): Promise<string> {
  const text = await page.getByRole('region', { name: 'The key' }).textContent()
  expect(text).toMatch(/^mgw_\w+$/)
  return text ?? ''
}
