import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { printIssue } from '../../src/config/issue.ts'
import { parseConfig } from '../../src/config/load.ts'
import { intendedStarts } from './intended-differences.ts'
import {
  haveRecordings,
  NO_RECORDINGS,
  readConfigCases,
  readConfigSession,
  type ConfigCase,
} from './recordings.ts'

const suites = haveRecordings
  ? [
      { name: 'obs-cfg25', cases: readConfigCases() },
      ...['golden-config-75ec37323', 'golden-config-v2.5.0', 'golden-config-v2.8.1'].map((name) => ({
        name,
        cases: readConfigSession(name),
      })),
    ]
  : []

/** What a refusal must speak of, by the name of the case: the key at fault, or the value. */
const SUBJECTS: Readonly<Record<string, string[]>> = {
  only_tab: ['empty', 'routes'],
  scalar: ['must be a mapping'],
  no_routes_key: ['routes'],
  routes_null: ['routes'],
  routes_is_map: ['routes', 'list'],
  dup: ['duplicate name', 'routes[1].name'],
  name_space: ['Space Name'],
  name_bang: ['bang!name'],
  name_slash: ['a/b'],
  name_dotdot: ['..'],
  name_missing: ['routes[0]', 'name'],
  two_name_missing: ['routes[0]', 'routes[1]', 'name'],
  seed_type: ['chat/completions'],
  type_missing: ['routes[0]', 'type'],
  provider_null: ['routes[0].model.provider'],
  no_config: ['config', 'openai'],
  config_empty: ['routes[0].model.config', 'openai_api_key'],
  key_int: ['openai_api_key', 'string'],
  key_dollar_only: ['openai_api_key', 'environment variable'],
  api_type_bad: ['open_ai'],
  deploy_with_openai: ['openai_deployment_name'],
  azure_missing: ['openai_api_base', 'openai_deployment_name', 'openai_api_version'],
  azure_org: ['openai_organization'],
  anthropic_key_with_openai_prov: ['openai_api_key'],
  model_missing: ['routes[0]', 'model'],
  model_str: ['routes[0].model', 'mapping'],
  databricks: ['routes[0].model.config', 'missing key "host"'],
  invalid_model_cli_test: ['routes[0].model', 'type'],
}

test('there are recorded starts of every version to replay', ({ skip }) => {
  skip(!haveRecordings, NO_RECORDINGS)
  expect(suites.filter(({ cases }) => cases.length === 0)).toEqual([])
})

describe.each(suites)('a configuration of $name', ({ name, cases }) => {
  test.each(cases)('is accepted or refused as MLflow did: $id', ({ id, yaml, env, exit }) => {
    const intended = intendedStarts[id]
    const loaded = parseConfig(yaml, { file: 'config.yaml', env })
    expect(loaded.ok ? 0 : 2).toBe(intended?.exit ?? exit)
    if (loaded.ok) return
    const refusal = loaded.issues.map(printIssue).join('\n')
    expect(refusal).toMatch(/^config\.yaml:\d+:\d+: /)
    const subjects = SUBJECTS[id.slice(name.length + 1)]
    expect(subjects, `say in SUBJECTS what this refusal is about: ${refusal}`).toBeDefined()
    for (const subject of subjects ?? []) expect(refusal).toContain(subject)
  })
})

describe.skipIf(!haveRecordings)('the command line', () => {
  test('exits with 0 for a recorded configuration that MLflow started with', async () => {
    const { exit, stdout } = await validate(findCase('obs-cfg25-ok'))
    expect({ exit, valid: stdout.includes('valid, 1 route') }).toEqual({ exit: 0, valid: true })
  })

  test('exits with 2 and one line per mistake for a recorded configuration that MLflow refused', async () => {
    const { exit, stderr } = await validate(findCase('obs-cfg25-two_name_missing'))
    expect(exit).toBe(2)
    const lines = stderr.trim().split('\n')
    expect(lines.length).toBeGreaterThanOrEqual(2)
    for (const line of lines) expect(line).toMatch(/config\.yaml:\d+:\d+: routes\[[01]\]: /)
  })
})

test.skipIf(!haveRecordings)('every listed difference belongs to a recorded start', () => {
  const ids = new Set(suites.flatMap(({ cases }) => cases.map(({ id }) => id)))
  expect(Object.keys(intendedStarts).filter((id) => !ids.has(id))).toEqual([])
})

test.skipIf(!haveRecordings)('every listed difference of a start is one', () => {
  const listed = suites
    .flatMap(({ cases }) => cases)
    .filter(({ id, exit }) => intendedStarts[id]?.exit === exit)
  expect(listed).toEqual([])
})

function findCase(id: string): ConfigCase {
  const found = suites.flatMap(({ cases }) => cases).find((known) => known.id === id)
  if (!found) throw new Error(`no recorded start has the id ${id}`)
  return found
}

interface Outcome {
  exit: number
  stdout: string
  stderr: string
}

/** The real command, from its source: what `dist` holds may be older. */
async function validate({ yaml, env }: ConfigCase): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-conformance-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'config.yaml')
  await writeFile(file, yaml)
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', main, 'validate', file],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        const code = error?.code
        resolve({ exit: error ? (typeof code === 'number' ? code : -1) : 0, stdout, stderr })
      },
    )
  })
}
