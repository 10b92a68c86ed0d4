import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('.', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))

test('the client has files', () => {
  expect(files).toContain('index.ts')
})

test.each(files)('%s imports nothing but its neighbours, so that it runs in browsers', (file) => {
  const source = readFileSync(new URL(file, folder), 'utf8')
  const imported = Array.from(
    source.matchAll(/(?:from|import|import\(|require\()\s*['"]([^'"]+)/g),
    (match) => match[1],
  )
  expect(imported.filter((path) => !/^\.\/[a-z-]+\.ts$/.test(path ?? ''))).toEqual([])
  const code = source.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/\/\/.*$/gm, '')
  // The one guarded look at the environment.
  const usesNode = /\b(process|Buffer|global|__dirname|setImmediate|NodeJS)\b/.test(code)
  expect(usesNode).toBe(file === 'environment.ts')
})
