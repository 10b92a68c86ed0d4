import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { asArray, asObject, asString } from '../../src/core/json.ts'
import { blocksOf } from '../support/markdown.ts'

const run = promisify(execFile)
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migration-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(['litellm', 'portkey', 'bifrost'])('the guide for those who come from %s', async (gateway) => {
  const text = await readFile(
    new URL(`../../docs/guide/migrating-from-${gateway}.md`, import.meta.url),
    'utf8',
  )
  const yaml = blocksOf(text, 'yaml')
  const [theirs = ''] = [...blocksOf(text, 'json'), ...yaml]
  const ours = yaml.at(-1) ?? ''

  test('shows the configuration that the import writes', async () => {
    const { config } = await importOf(gateway, theirs)
    expect(config).toEqual(parse(ours))
  })

  test('says what to do about each field that the import does not carry over, and about no other', async () => {
    const { paths } = await importOf(gateway, theirs)
    const [, table = ''] = /^### What is left to do\n(.*?)^## /ms.exec(text) ?? []
    const told = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, path = '']) => path)
    expect(told.toSorted()).toEqual(paths.toSorted())
  })
})

/** What the command makes of it. It ends with 1 where it has something to tell, and so it does with all of these. */
async function importOf(gateway: string, theirs: string): Promise<{ config: unknown; paths: string[] }> {
  const file = join(folder, gateway)
  await writeFile(file, theirs)
  const done = run(process.execPath, [MAIN, 'import', gateway, file, '--json'])
  const { stdout } = await done.catch((error: { code: number; stdout: string }) => {
    expect(error.code).toBe(1)
    return error
  })
  const { config, findings, problems } = asObject(JSON.parse(stdout))
  expect(problems).toEqual([])
  return { config, paths: asArray(findings).map((finding) => asString(asObject(finding)['path']) ?? '') }
}
