import { Gate } from '../src/auth/gate.ts'
import type { FastifyInstance } from 'fastify'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { sidebar } from '../docs/.vitepress/sidebar.ts'
import { generatedFiles, staleFiles } from '../scripts/reference/generated-files.ts'
import { printIssue } from '../src/config/issue.ts'
import { loadText } from '../src/config/load.ts'
import { dialects } from '../src/dialects/index.ts'
import { CurrentRuntime, Runtime } from '../src/gateway/runtime.ts'
import { createServer } from '../src/http/server.ts'
import { UnderWay } from '../src/http/under-way.ts'
import { anchorsOf, blocksOf, localLinksOf, markdownFiles } from './support/markdown.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Every variable that an example or a guide may name. */
const ENVIRONMENT = Object.fromEntries(
  [
    'OPENAI_API_KEY',
    'AZURE_OPENAI_API_KEY',
    'AZURE_OPENAI_AD_TOKEN',
    'ANTHROPIC_API_KEY',
    'AI21LABS_API_KEY',
    'CI_GATEWAY_KEY',
    'CLOUDFLARE_API_KEY',
    'COHERE_API_KEY',
    'DATABRICKS_TOKEN',
    'GEMINI_API_KEY',
    'GROQ_API_KEY',
    'JINA_API_KEY',
    'MISTRAL_API_KEY',
    'OPENROUTER_API_KEY',
    'TEAM_KEY',
    'VLLM_API_KEY',
  ].map((name) => [name, 'a-dummy-of-24-characters']),
)

const pages = markdownFiles(ROOT)

describe('an example file', () => {
  const examples = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.yaml'))

  test.each(examples)('%s loads', async (file) => {
    expect(await mistakesIn(read(`examples/${file}`))).toEqual([])
  })

  test.each(examples)('%s names the schema and the variables that it needs', (file) => {
    const text = read(`examples/${file}`)
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../docs/reference/config.schema.json')
    const lines = text.split('\n')
    const comments = lines.filter((line) => line.trimStart().startsWith('#')).join('\n')
    const used = lines.filter((line) => !line.trimStart().startsWith('#')).join('\n')
    const needed = [...used.matchAll(/\$\{?([A-Z_]+)/g)].map(([, name = '']) => name)
    expect(needed.filter((name) => !comments.includes(name))).toEqual([])
  })
})

describe('a configuration in the documentation', () => {
  const blocks = pages.flatMap((page) =>
    blocksOf(read(page), 'yaml')
      .filter((block) => /^(?:routes|endpoints):/m.test(block))
      .map((block, index) => ({ block, place: `${page}, configuration ${index + 1}` })),
  )

  test.each(blocks)('loads: $place', async ({ block }) => {
    expect(await mistakesIn(block)).toEqual([])
  })

  test('is found at all', () => {
    expect(blocks.length).toBeGreaterThan(5)
  })
})

describe('a link in the documentation', () => {
  test.each(pages)('leads to a file and a heading that exist: %s', (page) => {
    expect(localLinksOf(read(page)).filter((link) => !leadsSomewhere(page, link))).toEqual([])
  })
})

describe('the sidebar of the site', () => {
  test('has every page of docs, and no other; a new one is a row in docs/.vitepress/sidebar.ts', () => {
    const listed = sidebar.flatMap(({ items }) => items.map(({ link }) => `docs${link}.md`))
    const notPages = new Set(['docs/README.md', 'docs/index.md'])
    const wanted = pages.filter((page) => page.startsWith('docs/') && !notPages.has(page))
    expect(listed.toSorted()).toEqual(wanted.toSorted())
  })
})

describe('the generated reference', () => {
  test('is what the generator writes now ("npm run docs" writes it)', () => {
    expect(staleFiles()).toEqual([])
  })

  test('is the same each time', () => {
    expect(generatedFiles()).toEqual(generatedFiles())
  })
})

describe('the reference of the HTTP API', () => {
  const documented = ['http-api.md', 'client-apis.md'].flatMap(documentedPlaces)
  const server = newServer()
  const served = [...servedPlaces(server), ...dialectPlaces()]

  test('names no path that the server does not have', () => {
    const isServed = (place: string): boolean => served.includes(place) || isRaw(server, place)
    expect(documented.filter((place) => !isServed(place))).toEqual([])
  })

  test('leaves out no path that the server has', () => {
    expect(served.filter((place) => !documented.includes(place))).toEqual([])
  })

  test('has the raw paths', () => {
    expect(documented.filter((place) => place.startsWith('ANY '))).toEqual([
      'ANY /proxy/{name}/*',
      'ANY /gateway/proxy/{name}/*',
    ])
  })
})

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** A configuration's mistakes, as if it stood among the examples: one names a module there. */
async function mistakesIn(text: string): Promise<string[]> {
  const result = await loadText(text, { file: join(ROOT, 'examples/x.yaml'), env: ENVIRONMENT })
  return result.ok ? [] : result.issues.map(printIssue)
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#', 2)
  const target = path === '' ? page : join(dirname(page), decodeURI(path))
  if (!existsSync(join(ROOT, target))) return false
  return anchor === undefined || (target.endsWith('.md') && anchorsOf(read(target)).has(anchor))
}

/** `GET /health` and so on, from the rows of a page's tables. */
function documentedPlaces(page: string): string[] {
  const rows = read(`docs/reference/${page}`).matchAll(/^\| ([A-Z]+) +\| `(\/[^`]*)`/gm)
  return [...rows].map(([, method = '', path = '']) => `${method} ${path}`)
}

function dialectPlaces(): string[] {
  const places = dialects.flatMap(({ endpoints, uploads = [], lookups }) => [
    ...endpoints,
    ...uploads,
    ...lookups,
  ])
  return places.map(({ method, path }) => `${method} ${shown(path)}`)
}

function newServer(): FastifyInstance {
  const settings = { invocationsShape: 'mlflow', bodyLimit: 1024 } as const
  return createServer({
    dialects,
    runtime: new CurrentRuntime(
      new Runtime({ generation: 1, gate: new Gate(undefined), settings, routes: [] }),
    ),
    record: () => undefined,
    health: () => ({ ready: true, config: { generation: 1, loadedAt: '', error: null } }),
    underWay: new UnderWay(),
  })
}

/** From the server's own table; the files of the docs page are one row. */
function servedPlaces(server: FastifyInstance): string[] {
  const found = new Set<string>()
  const above: string[] = []
  for (const line of server.printRoutes({ commonPrefix: false }).split('\n')) {
    const row = /^(.*?[├└]── )(\S+) \(([A-Z, ]+)\)$/u.exec(line)
    // The tree shows paths that end in a wildcard without what is before it.
    if (!row?.[1] || !row[2] || !row[3] || row[2] === '*') continue
    const depth = row[1].length / 4
    above.length = depth - 1
    // The tree shows "/" as the parent of all, and each node without the slash that its parent ends with.
    const path = `${above.at(-1) ?? ''}${row[2]}`
    above.push(path)
    for (const method of row[3].split(', ')) found.add(`${method} ${shown(path)}`)
  }
  return [...found]
}

/** A path as the documentation writes it. */
function shown(path: string): string {
  return path
    .replace('(^[^:/]+)', '')
    .replace(':route', '{name}')
    .replace('::', ':')
    .replace(/^\/docs\/.+/, '/docs/{file}')
}

/** Whether it stands for a path that the server takes with every method. */
function isRaw(server: FastifyInstance, place: string): boolean {
  const [method, path = ''] = place.split(' ')
  const url = path.replace('{name}', ':route')
  return method === 'ANY' && RAW_METHODS.every((one) => server.hasRoute({ method: one, url }))
}

const RAW_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
