import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))
const DASHBOARD = fileURLToPath(new URL('../dashboard/src', import.meta.url))

/** What each folder of `src` may import from others; a file named here only that one. ARCHITECTURE.md says why. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli'],
  'provider.ts': ['core', 'dialects', 'providers/http-provider.ts', 'wire'],
  admin: [
    'auth',
    'config/check.ts',
    'config/issue.ts',
    'config/plain-schema.ts',
    'config/read-limits.ts',
    'config/schema-node.ts',
    'config/write-limit.ts',
    'core',
    'gateway',
    'http/guard.ts',
    'http/header-list.ts',
    'http/package-file.ts',
    'http/page-files.ts',
    'http/parser-error.ts',
    'http/request-url.ts',
    'http/static-content.ts',
    'http/write-json.ts',
  ],
  alerts: ['core'],
  auth: ['core'],
  cli: [
    'auth',
    'cassettes',
    'cluster',
    'config',
    'core',
    'dialects',
    'gateway',
    'http/package-file.ts',
    'prices/index.ts',
    'stores/index.ts',
  ],
  cluster: [
    'admin',
    'alerts',
    'auth',
    'config',
    'core',
    'dialects/index.ts',
    'gateway',
    'http',
    'policies/index.ts',
    'stores/index.ts',
    'telemetry',
  ],
  http: ['auth', 'core', 'gateway', 'wire'],
  config: [
    'alerts/webhook.ts',
    'alerts/webhook-problem.ts',
    'auth',
    'core',
    'gateway',
    'policies/index.ts',
    'prices/index.ts',
    'providers/index.ts',
    'stores/index.ts',
  ],
  gateway: ['cassettes', 'core', 'wire'],
  dialects: ['core', 'wire'],
  providers: ['cassettes', 'core', 'wire'],
  policies: ['core'],
  prices: ['core'],
  stores: ['core'],
  telemetry: ['core', 'gateway'],
  wire: ['core'],
  cassettes: ['core'],
  core: [],
  client: [],
}

/** The registry of providers hands each of them the formats of its dialects. */
const EXCEPTIONS: Readonly<Record<string, RegExp>> = { 'providers/index.ts': /^dialects\/[\w-]+\/index\.ts$/ }

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll(sep, '/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))

test('every folder of src has a row', () => {
  expect(new Set(files.map(folderOf))).toEqual(new Set(Object.keys(MAY_IMPORT)))
})

test.each(files)('%s imports only what its folder may', (file) => {
  const allowed = MAY_IMPORT[folderOf(file)] ?? []
  const forbidden = importsOf(file).filter((target) => {
    if (folderOf(target) === folderOf(file) || EXCEPTIONS[file]?.test(target)) return false
    return !allowed.some((folder) => target === folder || target.startsWith(`${folder}/`))
  })
  expect(forbidden).toEqual([])
})

test('the dashboard imports types of the contract alone', () => {
  const pages = readdirSync(DASHBOARD, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  )
  expect(pages.length).toBeGreaterThan(20)
  for (const file of pages) {
    const text = readFileSync(join(DASHBOARD, file), 'utf8')
    const foreign = [...text.matchAll(/import ((?:type )?)[^']*? from '([^']*\/src\/[^']*)'/g)]
    for (const [, what, from] of foreign) {
      expect([file, what === 'type ', from?.endsWith('/src/admin/contract.ts')]).toEqual([file, true, true])
    }
  }
})

test('only the registry of providers makes use of an exception', () => {
  expect(Object.keys(EXCEPTIONS).filter((file) => !files.includes(file))).toEqual([])
})

function folderOf(file: string): string {
  return file.split('/')[0] ?? ''
}

/** Our own modules that a file imports, as paths below src. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8')
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '')
  return specifiers.map((specifier) =>
    relative(SOURCE, join(SOURCE, dirname(file), specifier)).replaceAll(sep, '/'),
  )
}
