import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Gateway } from './support/gateway.ts'
import { blocksOf } from './support/markdown.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const GUIDES = 'docs/guide/clients'
/** Where a script finds the packages of this repository, as one in a user's project would. */
const CACHE = join(ROOT, 'node_modules/.cache')
const SHOWN_URL = 'http://127.0.0.1:5000'
const run = promisify(execFile)

const pages = (await readdir(join(ROOT, GUIDES))).filter((page) => page.endsWith('.md'))
const guides = await Promise.all(
  ['README.md', 'docs/guide/migrating-from-portkey.md', ...pages.map((page) => `${GUIDES}/${page}`)].map(
    async (page) => ({
      page,
      blocks: blocksOf(await readFile(join(ROOT, page), 'utf8'), 'ts'),
    }),
  ),
)
const withCode = guides.filter(({ blocks }) => blocks.length > 0)

let gateway: Gateway
let folder: string

beforeAll(async () => {
  gateway = await Gateway.start(await readFile(join(ROOT, 'examples/quickstart.yaml'), 'utf8'), {
    workers: 1,
  })
  await mkdir(CACHE, { recursive: true })
  folder = await mkdtemp(join(CACHE, 'guides-'))
})

afterAll(async () => {
  await gateway.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('the examples in TypeScript', () => {
  test.each(withCode)('print what their comments say: $page', async ({ page, blocks }) => {
    const printed = await print(page, blocks)
    for (const block of blocks) {
      expect(block).toContain(SHOWN_URL)
      const expected = [...block.matchAll(/\/\/ -> (.+)/g)].map(([, text = '']) => text)
      expect(expected).not.toEqual([])
      expect(
        expected.filter((text) => !printed.includes(text)),
        `printed:\n${printed}`,
      ).toEqual([])
    }
  })

  test('are in the guide of each SDK that is installed here', () => {
    expect(withCode.map(({ page }) => page).toSorted()).toEqual([
      'README.md',
      `${GUIDES}/anthropic-sdk.md`,
      `${GUIDES}/cohere-sdk.md`,
      `${GUIDES}/gemini-sdk.md`,
      `${GUIDES}/openai-sdk.md`,
      `${GUIDES}/vercel-ai-sdk.md`,
      'docs/guide/migrating-from-portkey.md',
    ])
  })
})

/** What a guide's examples print, run one after the other in one process. */
async function print(page: string, blocks: readonly string[]): Promise<string> {
  const name = page.replaceAll('/', '-')
  const names = blocks.map((_, index) => `${name}-${index + 1}.mts`)
  for (const [index, block] of blocks.entries()) {
    await writeFile(join(folder, names[index] ?? ''), block.replaceAll(SHOWN_URL, gateway.url))
  }
  const all = join(folder, `${name}.mts`)
  await writeFile(all, names.map((file) => `await import('./${file}')\n`).join(''))
  const { stdout } = await run(process.execPath, ['--import', 'tsx', all], { cwd: ROOT })
  return stdout
}
