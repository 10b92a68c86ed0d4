import { dirname } from 'node:path'
import { type FileIssue, type Path, printPath, type Problem } from './issue.ts'
import { locate } from './locate.ts'
import { loadModules, type LoadedModules } from './modules.ts'
import { type ReadContext, readConfig } from './read-config.ts'
import { readConfigFile } from './read-file.ts'
import { builtIn, type Registry } from './registry.ts'
import type { GatewayConfig } from './schema.ts'
import type { Environment } from './secrets.ts'
import { scrub } from './show.ts'
import { readYaml, type YamlResult } from './yaml.ts'

export type LoadResult =
  | { ok: true; config: GatewayConfig; text: string }
  /** In the order of the file. */
  | { ok: false; issues: FileIssue[] }

export interface LoadOptions {
  /** Where `$NAME` is looked up; the process's own by default. */
  env?: Environment
  registry?: Registry
}

/** Read and check a configuration file. Every mistake is an issue; nothing is thrown. */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<LoadResult> {
  const read = await readConfigFile(path)
  if (read.ok) return loadText(read.text, { ...options, file: path })
  return { ok: false, issues: [{ file: path, line: 0, column: 0, path: '', message: read.message }] }
}

type TextOptions = LoadOptions & {
  /** The file's path: its name in issues, and where the paths of modules begin. */
  file: string
}

/** Check the text of a configuration and load the modules that it names. Secrets are looked up now. */
export async function loadText(text: string, options: TextOptions): Promise<LoadResult> {
  const result = readYaml(text)
  const modules = result.ok ? await loadModules(result.yaml.value, dirname(options.file)) : NO_MODULES
  return check(text, result, { ...options, modules })
}

/** The same for a text that names no modules: without waiting. */
export function parseConfig(text: string, options: TextOptions): LoadResult {
  return check(text, readYaml(text), { ...options, modules: NO_MODULES })
}

const NO_MODULES: LoadedModules = new Map()

function check(
  text: string,
  result: YamlResult,
  options: TextOptions & { modules: LoadedModules },
): LoadResult {
  const { file, env = process.env, registry = builtIn, modules } = options
  if (!result.ok) {
    const issues = result.faults.map(({ offset, message }) => {
      const { line, col } = result.lines.linePos(offset)
      return { file, line: Math.max(line, 1), column: Math.max(col, 1), path: '', message }
    })
    return { ok: false, issues: inOrder(issues) }
  }
  const { document, lines, value } = result.yaml
  const place = (path: Path, at: Problem['at']): { line: number; column: number } => {
    const { line, col } = lines.linePos(locate(document, path, at))
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems: Problem[] = []
  const secrets: string[] = []
  const lineOf = (path: Path): number => place(path, 'value').line
  const context: ReadContext = { env, registry, modules, problems, secrets, defaults: {}, lineOf }
  const config = readConfig(value, context)
  if (problems.length === 0) return { ok: true, config, text }
  const issues = problems.map(({ path, at, message }) => {
    const oneLine = scrub(message, secrets).replaceAll(/\s*[\r\n]+\s*/g, ' ')
    const { line, column } = place(path, at)
    return { file, line, column, path: printPath(path), message: oneLine }
  })
  return { ok: false, issues: inOrder(issues) }
}

/** By place; the same mistake reached twice through an alias is told once. */
function inOrder(issues: FileIssue[]): FileIssue[] {
  const seen = new Map<string, FileIssue>()
  for (const issue of issues) seen.set(`${issue.line}:${issue.column}:${issue.path}:${issue.message}`, issue)
  return [...seen.values()].toSorted((one, other) => one.line - other.line || one.column - other.column)
}
