import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { ask, type Answer } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { Gateway } from '../support/gateway.ts'

/** A running gateway, a browser that shows its dashboard, and what went wrong in it. */
export class DashboardRig {
  readonly gateway: Gateway
  readonly secret: string
  readonly url: string
  readonly page: Page
  readonly context: BrowserContext
  readonly complaints: string[] = []
  /** What was asked of others than the gateway. */
  readonly elsewhere: string[] = []
  readonly #browser: Browser

  private constructor(place: {
    gateway: Gateway
    secret: string
    browser: Browser
    context: BrowserContext
    page: Page
  }) {
    this.gateway = place.gateway
    this.secret = place.secret
    this.url = `http://127.0.0.1:${place.gateway.port + 1}`
    this.context = place.context
    this.page = place.page
    this.#browser = place.browser
    this.listenTo(place.page)
  }

  static async start(yaml: string, env: Readonly<Record<string, string>> = {}): Promise<DashboardRig> {
    const gateway = await Gateway.start(yaml, { workers: 1, env })
    const secret = (await readFile(join(gateway.folder, '.mlflow-gateway', 'admin.key'), 'utf8')).trim()
    const browser = await openBrowser()
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    return new DashboardRig({ gateway, secret, browser, context, page: await context.newPage() })
  }

  listenTo(page: Page): void {
    page.setDefaultTimeout(10_000)
    page.on('request', (request) => {
      if (!request.url().startsWith(this.url) && !request.url().startsWith('data:'))
        this.elsewhere.push(request.url())
    })
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      // A browser tells of each refusal; what they mean is the page's to show.
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
        this.complaints.push(message.text())
    })
  }

  async stop(): Promise<void> {
    await this.#browser.close()
    await this.gateway.stop()
  }

  /** A page of somebody who has nothing to do with the others. */
  async stranger(): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 } })
    const page = await context.newPage()
    this.listenTo(page)
    return page
  }

  async signIn(page: Page = this.page, secret = this.secret): Promise<void> {
    await page.goto(this.url)
    await page.getByLabel('Admin key').fill(secret)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
  }

  /** Go to a page as somebody does who follows a link from elsewhere. */
  async open(path: string, heading: string): Promise<void> {
    await this.page.goto(this.url + path)
    await this.page.getByRole('heading', { level: 1, name: heading }).waitFor()
  }

  /** Of the admin API, with the secret. */
  admin(method: string, path: string, body?: unknown): Promise<Answer> {
    return ask(this.url + path, { method, body, headers: { authorization: `Bearer ${this.secret}` } })
  }

  /** Of the data plane. */
  chat(
    body: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return ask(`${this.gateway.url}/v1/chat/completions`, {
      body: { messages: [{ role: 'user', content: 'Hello' }], ...body },
      headers,
    })
  }
}
