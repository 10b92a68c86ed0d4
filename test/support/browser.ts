import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

/** As `find-chromium.ts` found it. */
const CHROMIUM = process.env['CHROMIUM_PATH'] ?? ''

/** Whether there is one; where not, the tests of pages are skipped. */
export const hasBrowser: boolean = existsSync(CHROMIUM)

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Where the system has no language, the browser would have none that scripts can use.
  '--lang=en-US',
]

/** A real browser. Whoever opens it closes it. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: ARGUMENTS,
    env: { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' },
  })
}
