import { readFile } from 'node:fs/promises'
import { parse, stringify } from 'yaml'
import { printIssue } from '../../config/issue.ts'
import { parseConfig } from '../../config/load.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import { EXIT_USAGE } from '../program.ts'
import { fromBifrost } from './bifrost.ts'
import type { Imported } from './findings.ts'
import { fromLitellm } from './litellm.ts'
import { fromMlflow } from './mlflow.ts'
import { fromPortkey } from './portkey.ts'

const READERS: Readonly<Record<string, (file: JsonObject) => Imported>> = {
  litellm: fromLitellm,
  mlflow: fromMlflow,
  portkey: fromPortkey,
  bifrost: fromBifrost,
}

/**
 * `mlflow-gateway import <gateway> <file>`: its configuration in this gateway's words on stdout, what was not carried over
 * on stderr. Exit code 1 when something was not, 2 when the file cannot be read.
 */
export async function importConfig(
  source: string,
  file: string,
  { json = false }: { json?: boolean },
): Promise<number> {
  const read = READERS[source]
  if (!read) return refuse(`there is no reader for "${source}"; it may be ${Object.keys(READERS).join(', ')}`)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch {
    return refuse(`${file} cannot be read; check the path`)
  }
  const found = parseText(text)
  if (!found) return refuse(`${file} is neither YAML nor JSON with a mapping at its top`)
  const { config, findings } = read(found)
  const written = stringify(config)
  const problems = problemsOf(written)
  if (json) process.stdout.write(`${JSON.stringify({ config, findings, problems }, null, 2)}\n`)
  else {
    process.stdout.write(`# From ${source}'s ${file.split('/').at(-1) ?? file}.\n${written}`)
    for (const { path, message } of findings) process.stderr.write(`${path}: ${message}\n`)
    for (const problem of problems) process.stderr.write(`to be mended: ${problem}\n`)
  }
  return findings.length + problems.length > 0 ? 1 : 0
}

function parseText(text: string): JsonObject | undefined {
  try {
    const value: unknown = parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What has to be written yet before it can be used; variables that are not set here may be elsewhere. */
function problemsOf(text: string): string[] {
  const names = [...text.matchAll(/\$(\w+)/g)].map(([, name = '']) => name)
  const env = Object.fromEntries(names.map((name) => [name, 'a-credential-that-is-set-elsewhere']))
  const loaded = parseConfig(text, { file: 'imported', env })
  return loaded.ok ? [] : loaded.issues.map(printIssue)
}

function refuse(message: string): number {
  process.stderr.write(`error: ${message}\n`)
  return EXIT_USAGE
}
