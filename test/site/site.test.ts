import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { headingAnchor } from '../../docs/.vitepress/heading-anchor.ts'
import { markdownFiles } from '../support/markdown.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VITEPRESS = join(ROOT, 'node_modules/vitepress/bin/vitepress.js')
/** A site below a path of a host, so that a link that forgets the path is found. */
const BASE = '/gateway/'

let site: string
let pages: Map<string, string>

beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), 'site-'))
  await run(process.execPath, [VITEPRESS, 'build', 'docs', '--outDir', site], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], DOCS_BASE: BASE },
  })
  const files = (await readdir(site, { recursive: true })).filter((file) => file.endsWith('.html'))
  pages = new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(site, file), 'utf8')] as const)),
  )
}, 180_000)

afterAll(() => rm(site, { recursive: true, force: true }))

test('every page of the documentation is a page of the site', () => {
  const wanted = markdownFiles(join(ROOT, 'docs'))
    .filter((file) => file !== 'README.md')
    .map((file) => file.replace(/\.md$/, '.html'))
  expect(wanted.filter((page) => !pages.has(page))).toEqual([])
  expect(wanted.length).toBeGreaterThan(60)
})

test('every example is shown on the page of examples', async () => {
  const files = await readdir(join(ROOT, 'examples'), { withFileTypes: true })
  const missing = files.filter(
    (entry) => entry.isFile() && !leadsSomewhere('project/examples.html', headingAnchor(entry.name)),
  )
  expect(missing).toEqual([])
})

test('every link of every page leads to a file and a heading that exist', () => {
  const broken = [...pages.keys()].flatMap((page) =>
    linksOf(page)
      .filter(([target, anchor]) => !leadsSomewhere(target, anchor))
      .map(([target, anchor]) => `${page}: ${target}#${anchor}`),
  )
  expect(broken).toEqual([])
})

test('no page loads anything from elsewhere', () => {
  const outside = [...pages].flatMap(([page, html]) =>
    [...html.matchAll(/<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)="((?:https?:)?\/\/[^"]*)"/g)].map(
      ([, url = '']) => `${page}: ${url}`,
    ),
  )
  expect(outside).toEqual([])
})

test('the search has the guides, the reference and the changelog in its index, and needs no network', async () => {
  const chunks = await readdir(join(site, 'assets/chunks'))
  const index = chunks.find((file) => file.startsWith('@localSearchIndex'))
  const words = await readFile(join(site, 'assets/chunks', index ?? ''), 'utf8')
  // In a variable each: a failure would print the whole index.
  const found = ['guide/hedging', 'reference/metrics', 'project/changelog'].filter((page) =>
    words.includes(`${BASE}${page}.html#`),
  )
  const known = words.includes('"rendezvous"')
  expect({ found: found.length, known }).toEqual({ found: 3, known: true })
})

/** Where a page's links within the site lead: file and anchor, both without what browsers add. */
function linksOf(page: string): [target: string, anchor: string][] {
  const urls = [...(pages.get(page) ?? '').matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, url = '']) => url)
  return urls
    .filter((url) => !/^[a-z][a-z\d+.-]*:/i.test(url))
    .map((url) => {
      const [path = '', anchor = ''] = url.replaceAll('&amp;', '&').split('#', 2)
      return [path === '' ? page : fileOf(page, decodeURI(path)), decodeURIComponent(anchor)]
    })
}

function fileOf(page: string, path: string): string {
  if (!path.startsWith('/')) return posix.join(posix.dirname(page), path)
  // What is not below the base is kept with its slash, and is no file of the site.
  const file = path.startsWith(BASE) ? path.slice(BASE.length) : path
  return file === '' || file.endsWith('/') ? `${file}index.html` : file
}

function leadsSomewhere(target: string, anchor: string): boolean {
  if (target.startsWith('/') || !existsSync(join(site, target))) return false
  return anchor === '' || (pages.get(target) ?? '').includes(` id="${anchor}"`)
}
