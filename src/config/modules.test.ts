import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleRegistry } from '../../test/support/sample-registry.ts'
import { option } from '../core/options.ts'
import type { ProviderDefinition } from '../core/provider.ts'
import { buildRuntime } from './build.ts'
import { printIssue } from './issue.ts'
import { loadText, parseConfig, type LoadResult } from './load.ts'
import { withModules } from './modules.ts'
import type { Registry } from './registry.ts'
import { modelsOf } from './schema.ts'
import { fromSnapshot, toSnapshot } from './snapshot.ts'

/** A route whose one model is of this provider. */
function servedBy(provider: string): object {
  return { targets: [{ goesTo: { models: [{ model: { provider } }] } }] }
}

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'modules-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

const DEFINITION = `{
  name: 'mine',
  routeTypes: ['llm/v1/chat'],
  options: { type: 'object', properties: { colour: { type: 'string', description: 'Any.' } }, required: [] },
  check: ({ colour }, model) => (colour === 'red' ? [{ path: ['colour'], message: 'clashes with ' + model }] : []),
  create: ({ model }) => ({
    name: 'mine', model, formats: [], secrets: [],
    send: () => Promise.reject(new Error('not called')),
    close: () => Promise.resolve(),
  }),
}`

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}

function load(provider: string, model = 'name: m'): Promise<LoadResult> {
  const text = `routes:\n  - {name: a, type: llm/v1/chat, model: {provider: ${provider}, ${model}}}\n`
  return loadText(text, { file: join(folder, 'gateway.yaml'), registry: sampleRegistry })
}

async function issuesOf(provider: string, model?: string): Promise<string[]> {
  const result = await load(provider, model)
  return result.ok ? [] : result.issues.map((issue) => printIssue({ ...issue, file: 'gateway.yaml' }))
}

describe("a user's own provider", () => {
  test('is loaded from beside the file, checked by its own options, and built in the other process', async () => {
    write('good.mjs', `export default ${DEFINITION}`)
    const result = await load('./good.mjs', 'name: m, config: {colour: blue}')
    if (!result.ok) throw new Error(result.issues.map(printIssue).join('\n'))
    expect(modelsOf(result.config.routes)[0]).toMatchObject({
      provider: 'mine',
      name: 'm',
      config: { colour: 'blue' },
    })

    const config = fromSnapshot(toSnapshot(result.config))
    const runtime = buildRuntime(config, 1, { registry: await withModules(sampleRegistry, config) })
    expect(runtime.list()).toEqual([
      { name: 'a', type: 'llm/v1/chat', model: { name: 'm', provider: 'mine' } },
    ])
  })

  test.each([
    ['an unknown key', 'config: {color: blue}', 'unknown key "color"; did you mean "colour"?'],
    ['what its own check refuses', 'name: m, config: {colour: red}', 'clashes with m'],
  ])('has its mistakes told: %s', async (_case, model, message) => {
    write('checked.mjs', `export default ${DEFINITION}`)
    const issues = await issuesOf('./checked.mjs', model)
    expect(issues).toHaveLength(1)
    expect(issues[0]).toContain(message)
  })

  test.each([
    ['missing.mjs', undefined, 'there is no such file; paths are relative to the configuration file'],
    ['throws.mjs', 'throw new Error("out of\\norder")', 'out of order'],
    ['imports.mjs', "import './nothing.mjs'", 'nothing.mjs'],
    ['empty.mjs', 'export const provider = 1', 'its default export is no ProviderDefinition'],
    ['types.mjs', `export default { ...${DEFINITION}, routeTypes: ['chat'] }`, 'no ProviderDefinition'],
    ['options.mjs', `export default { ...${DEFINITION}, options: {} }`, 'no ProviderDefinition'],
    ['uncreated.mjs', `export default { ...${DEFINITION}, create: 1 }`, 'no ProviderDefinition'],
    [
      'unchecked.mjs',
      `export default { ...${DEFINITION}, check() { throw new Error('bug') } }`,
      'failed: bug',
    ],
  ])('that cannot be used is a mistake of the file, with its line: %s', async (name, text, message) => {
    if (text !== undefined) write(name, text)
    const issues = await issuesOf(`./${name}`)
    expect(issues).toHaveLength(1)
    expect(issues[0]).toMatch(/^gateway\.yaml:2:\d+: routes\[0\]\.model/)
    expect(issues[0]).toContain(message)
    expect(issues[0]).not.toContain(folder)
  })

  test('is read again when its file has changed', async () => {
    write('changing.mjs', `export default ${DEFINITION}`)
    expect(await load('./changing.mjs')).toMatchObject({
      config: { routes: [servedBy('mine')] },
    })
    write('changing.mjs', `export default { ...${DEFINITION}, name: 'yours' }`)
    utimesSync(join(folder, 'changing.mjs'), 1, 1)
    expect(await load('./changing.mjs')).toMatchObject({
      config: { routes: [servedBy('yours')] },
    })
  })

  test('is not there when the text alone is checked', () => {
    const text = 'routes:\n  - {name: a, type: llm/v1/chat, model: {provider: ./good.mjs}}\n'
    const result = parseConfig(text, { file: 'gateway.yaml', registry: sampleRegistry })
    expect(result).toMatchObject({
      ok: false,
      issues: [{ message: 'the module "./good.mjs" cannot be used: it was not loaded' }],
    })
  })

  test('that fails in the other process makes the build fail', async () => {
    write('gone.mjs', `export default ${DEFINITION}`)
    const result = await load('./gone.mjs')
    if (!result.ok) throw new Error('not loaded')
    const { config } = result
    for (const model of modelsOf(config.routes)) model.module = 'file:///nowhere.mjs'
    await expect(withModules(sampleRegistry, config)).rejects.toThrow(/nowhere/)
  })
})

describe('a provider', () => {
  const twoWords: ProviderDefinition = {
    name: 'two-words',
    aliases: ['pair-of-words'],
    routeTypes: ['llm/v1/chat'],
    options: option.object({}),
    create: () => {
      throw new Error('not made by a configuration')
    },
  }
  const registry: Registry = {
    ...sampleRegistry,
    providers: [twoWords],
    retired: { palm: 'use provider "gemini"' },
  }

  function check(provider: string): LoadResult {
    const text = `routes:\n  - {name: a, type: llm/v1/chat, model: {provider: ${provider}}}\n`
    return parseConfig(text, { file: 'gateway.yaml', registry })
  }

  test('may be named by another of its names, in any spelling', () => {
    expect(check('Pair_of-Words')).toMatchObject({
      ok: true,
      config: { routes: [servedBy('two-words')] },
    })
  })

  test('that is closed says what to use instead', () => {
    expect(check('PaLM')).toMatchObject({
      ok: false,
      issues: [{ line: 2, message: '"PaLM" is a provider no more: use provider "gemini"' }],
    })
  })
})
