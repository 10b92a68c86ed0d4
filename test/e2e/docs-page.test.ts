import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { getJson } from '../support/ask.ts'
import { hasBrowser, openBrowser } from '../support/browser.ts'
import { Gateway } from '../support/gateway.ts'
import { waitFor } from '../support/wait.ts'

const PACKAGE_FOLDER = fileURLToPath(new URL('../..', import.meta.url))
const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
const HOSTILE_ROUTE = `
  - name: hostile
    type: llm/v1/chat
    model:
      provider: mock
      name: ${JSON.stringify(MARKUP)}
      config: { reply: ${JSON.stringify(MARKUP)} }
`
/** Slow enough that a person, or a test, can stop it half way. */
const SLOW_ROUTE = `
  - name: slow
    type: llm/v1/chat
    model:
      provider: mock
      name: slow-model
      config: { tokens_per_second: 10 }
`
const PICTURES_ROUTE = `
  - name: pictures
    type: llm/v1/images
    model: { provider: openai-compatible, name: painter, config: { api_base: "http://127.0.0.1:9/v1" } }
`
const run = promisify(execFile)

describe.skipIf(!hasBrowser)('the docs page in a browser', () => {
  let quickstart: string
  let gateway: Gateway
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let requested: string[]
  let complaints: string[]

  beforeAll(async () => {
    quickstart = await readFile(new URL('../../examples/quickstart.yaml', import.meta.url), 'utf8')
    gateway = await Gateway.start(quickstart, { workers: 1 })
    browser = await openBrowser()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await gateway?.stop()
  })

  beforeEach(async () => {
    requested = []
    complaints = []
    await write(quickstart)
    await waitFor('the routes of the quickstart', async () => {
      const routes = await getJson<{ endpoints: unknown[] }>(`${gateway.url}/api/2.0/endpoints/`)
      return routes.endpoints.length === 3
    })
    context = await browser.newContext()
    page = await context.newPage()
    page.on('request', (request) => requested.push(request.url()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(`${gateway.url}/docs`)
    await routeLink('chat').waitFor()
  })

  afterEach(async () => {
    await context.close()
    const elsewhere = requested.filter((url) => new URL(url).host !== new URL(gateway.url).host)
    const noticed = [...elsewhere.map((url) => `request to ${url}`), ...complaints]
    if (noticed.length > 0) throw new Error(`the page is not quiet: ${noticed.join('; ')}`)
  })

  it('shows each route with its type, model and provider', async () => {
    const listed = await page.getByRole('navigation', { name: 'Routes' }).getByRole('link').allInnerTexts()
    expect(listed.map((text) => text.split('\n'))).toEqual([
      ['chat', 'chat', 'mock-chat (mock)'],
      ['completions', 'completions', 'mock-completions (mock)'],
      ['embeddings', 'embeddings', 'mock-embeddings (mock)'],
    ])
  })

  it('streams a chat answer into the page, and sends the whole conversation with the next turn', async () => {
    await write(quickstart + SLOW_ROUTE)
    await routeLink('slow').click()
    await page.getByRole('heading', { name: 'slow' }).waitFor()
    const lengths = watchLengths(answers().first())
    await say('count to 12')
    await page.getByText('200 OK').waitFor()
    expect(await answers().first().innerText()).toContain('1, 2, 3')
    expect((await lengths.stop()).size).toBeGreaterThan(2)
    const facts = await page.locator('.facts').innerText()
    expect(facts).toMatch(/first token \d/)

    const second = page.waitForRequest((request) => request.method() === 'POST')
    await say('say hi')
    expect((await second).postDataJSON()).toMatchObject({
      messages: [{ content: 'count to 12' }, { role: 'assistant' }, { content: 'say hi' }],
      stream: true,
    })
    await waitFor('the second answer', async () => (await page.getByText('200 OK').count()) === 2)
    expect(await answers().nth(1).innerText()).toBe('hi')
  })

  it('says how a route is called that it has no form for', async () => {
    await write(quickstart + PICTURES_ROUTE)
    await routeLink('pictures').click()
    const code = await page.getByLabel('A request as code').innerText()
    expect(code).toContain(`${gateway.url}/v1/images/generations`)
    expect(code).toContain('"model": "pictures"')
  })

  it('stops an answer half way and keeps what came', async () => {
    await write(quickstart + SLOW_ROUTE)
    await routeLink('slow').click()
    await page.getByRole('heading', { name: 'slow' }).waitFor()
    await say('count to 500')
    await page.getByText('1, 2').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stopped').waitFor()
    const text = await answers().first().innerText()
    expect(text).toContain('1, 2')
    expect(text).not.toContain('500')
    await page.getByRole('button', { name: 'Send' }).waitFor()
  })

  it('sends the settings in the words of the chosen path', async () => {
    await page.getByLabel('Temperature').fill('0.5')
    await page.getByLabel('Max tokens').fill('9')
    await page.getByLabel('Candidates').fill('2')
    await page.getByLabel('Stream the answer').uncheck()
    const first = page.waitForRequest((request) => request.method() === 'POST')
    await say('say hi')
    const mlflow = await first
    expect(mlflow.postDataJSON()).toMatchObject({ temperature: 0.5, max_tokens: 9, candidate_count: 2 })
    await page.getByText('200 OK').waitFor()
    expect(await page.locator('.facts').innerText()).toMatch(/\d+ tokens in\s+\d+ tokens out/)
    expect(await answers().count()).toBe(2)

    await page.getByRole('combobox', { name: 'Path' }).selectOption('/endpoints/chat/invocations')
    const second = page.waitForRequest((request) => request.method() === 'POST')
    await say('say ho')
    expect(new URL((await second).url()).pathname).toBe('/endpoints/chat/invocations')
    expect((await second).postDataJSON()).toMatchObject({ n: 2 })
    expect((await second).postDataJSON()).not.toHaveProperty('candidate_count')
    await waitFor('the second answer', async () => (await page.getByText('200 OK').count()) === 2)
  })

  it('shows a refusal as it came', async () => {
    await page.getByLabel('Temperature').fill('7')
    await say('hot')
    const problem = page.locator('.turn .problem')
    await problem.waitFor()
    expect(await problem.innerText()).toContain('422 Unprocessable Entity')
    expect(await problem.innerText()).toContain('ensure this value is less than or equal to 1')
    // The browser itself reports every answer of 400 and above.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('422')])
  })

  it('completes a prompt', async () => {
    await routeLink('completions').click()
    await page.getByLabel('Prompt').fill('say hello there')
    await page.getByRole('button', { name: 'Complete' }).click()
    await page.getByText('200 OK').waitFor()
    expect(await answers().first().innerText()).toBe('hello there')
  })

  it('embeds texts and compares them', async () => {
    await routeLink('embeddings').click()
    await page.getByLabel('Texts').fill('the cat sleeps\nthe cat sleeps\nrevenue grew')
    await page.getByRole('button', { name: 'Embed' }).click()
    await page.getByText('3 vectors of 256 dimensions').waitFor()
    const cells = await page.locator('.matrix tbody tr').first().locator('td').allInnerTexts()
    expect(cells.slice(0, 2)).toEqual(['1.00', '1.00'])
    expect(Number(cells[2])).toBeLessThan(0.9)
  })

  it('shows a route that is added to the file, and markup in its answer and model name stays text', async () => {
    await write(quickstart + HOSTILE_ROUTE)
    await routeLink('hostile').click()
    await say('anything')
    await page.getByText('200 OK').waitFor()
    expect(await answers().first().innerText()).toBe(MARKUP)
    expect(await page.locator('.route-head').innerText()).toContain(MARKUP)
    await page.getByText('Answer as it came').click()
    expect(await page.locator('#panel img, #panel script, #routes img, #routes script').count()).toBe(0)
    expect(await page.title()).toBe('hostile - MLflow Gateway API')
  })

  it('takes away a route that is taken out of the file, and says when the file has an error', async () => {
    await write(`${quickstart}${SLOW_ROUTE}`)
    await routeLink('slow').waitFor()
    await write(`${quickstart}\nroutes: twice\n`)
    await page.getByText('The configuration file has an error').waitFor()
    expect(await routeLink('slow').count()).toBe(1)
    await write(quickstart)
    await routeLink('slow').waitFor({ state: 'detached' })
    await page.getByText('The configuration file has an error').waitFor({ state: 'hidden' })
  })

  it('gives code that runs as it is', async () => {
    await page.getByLabel('Stream the answer').uncheck()
    await page.getByLabel('Your message').fill(`say it's "fine" $HOME \\ done`)
    const curl = await snippet('curl')
    const typescript = await snippet('TypeScript')
    const [byCurl, byClient] = await Promise.all([
      run('sh', ['-c', curl]).catch(withoutCurl),
      run(process.execPath, ['--input-type=module', '-e', typescript], { cwd: PACKAGE_FOLDER }),
    ])
    expect(byCurl.stdout).toContain('"candidates"')
    expect(byClient.stdout).toContain('candidates')
    const python = await snippet('Python')
    expect(python).toContain('from mlflow.gateway import query, set_gateway_uri')
    expect(python).toContain(`set_gateway_uri("${gateway.url}")`)
  })

  it('copies the code', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await snippet('curl'))
  })

  it('works below a path prefix', async () => {
    await page.route(`${gateway.url}/prefix/**`, async (route) => {
      await route.continue({ url: route.request().url().replace('/prefix/', '/') })
    })
    await page.goto(`${gateway.url}/prefix/docs`)
    requested.length = 0
    await say('say hi')
    await page.getByText('200 OK').waitFor()
    expect(requested).toContain(`${gateway.url}/prefix/gateway/chat/invocations`)
    expect(await snippet('curl')).toContain(`${gateway.url}/prefix/gateway/chat/invocations`)
  })

  it('can be used from the keyboard alone', async () => {
    await page.getByLabel('Your message').focus()
    await page.keyboard.press('End')
    await page.keyboard.press('Shift+Enter')
    expect(await page.getByLabel('Your message').inputValue()).toContain('\n')
    await page.keyboard.press('Enter')
    await page.getByText('200 OK').waitFor()
    await routeLink('embeddings').focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Texts').focus()
    await page.keyboard.press('Control+Enter')
    await page.getByText('Cosine similarity').first().waitFor()
  })

  it('fits a phone without scrolling sideways', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    for (const name of ['chat', 'completions', 'embeddings']) {
      await routeLink(name).click()
      await page.getByRole('heading', { level: 2, name, exact: true }).waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    }
  })

  function routeLink(name: string): ReturnType<Page['locator']> {
    const label = page.locator('strong', { hasText: new RegExp(`^${name}$`) })
    return page.getByRole('navigation', { name: 'Routes' }).getByRole('link').filter({ has: label })
  }

  function answers(): ReturnType<Page['locator']> {
    return page.locator('.turn.assistant .answer')
  }

  async function say(text: string): Promise<void> {
    await page.getByLabel('Your message').fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
  }

  async function snippet(language: string): Promise<string> {
    await page.getByRole('button', { name: language, exact: true }).click()
    return String(await page.getByLabel('Code of this request').textContent())
  }

  function write(yaml: string): Promise<void> {
    return writeFile(gateway.configPath, yaml)
  }
})

/** On a machine without curl, where the shell says 127, its line cannot be tried. */
function withoutCurl(error: { code?: number }): { stdout: string } {
  if (error.code === 127) return { stdout: 'no curl to try "candidates" with' }
  throw error
}

/** Every length that the text of an element has until it is stopped. */
function watchLengths(element: ReturnType<Page['locator']>): { stop: () => Promise<Set<number>> } {
  const seen = new Set<number>()
  const end = new AbortController()
  const watch = async (): Promise<void> => {
    await element.waitFor()
    while (!end.signal.aborted) seen.add((await element.innerText()).length)
  }
  const done = watch()
  return {
    async stop(): Promise<Set<number>> {
      end.abort()
      await done
      return seen
    },
  }
}
