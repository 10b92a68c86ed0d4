import { dirname } from 'node:path'
import { type FileIssue, type Path, printPath, type Problem } from './issue.ts'
import { type Catalogue, listFileRoutes, usersOf } from './catalogue.ts'
import { locate } from './locate.ts'
import { loadModules, type LoadedModules } from './modules.ts'
import { type ReadContext, readConfig } from './read-config.ts'
import { readConfigFile } from './read-file.ts'
import { builtIn, type Registry } from './registry.ts'
import type { GatewayConfig } from './schema.ts'
import { type Environment, NO_STORE } from './secrets.ts'
import { readStoreRoutes, type StoreRoute } from './store-routes.ts'
import type { StoredSecrets } from '../core/stored-secret.ts'
import { scrub } from './show.ts'
import { readYaml, type YamlResult } from './yaml.ts'

export type LoadResult =
  /** `warnings` are no mistakes, and yet keep something from being used. */
  | { ok: true; config: GatewayConfig; text: string; catalogue: Catalogue; warnings: FileIssue[] }
  /** In the order of the file. */
  | { ok: false; issues: FileIssue[] }

export interface LoadOptions {
  /** Where `$NAME` is looked up; the process's own by default. */
  env?: Environment
  /** Where `secret:NAME` is looked up; without it, what needs one cannot be called. */
  stored?: StoredSecrets
  /** The routes that are not in the file. */
  routes?: readonly StoreRoute[]
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
  const { file, env = process.env, stored = NO_STORE, routes = [], registry = builtIn, modules } = options
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
  const toIssue = ({ path, at, message }: Problem): FileIssue => {
    const oneLine = scrub(message, secrets).replaceAll(/\s*[\r\n]+\s*/g, ' ')
    return { file, ...place(path, at), path: printPath(path), message: oneLine }
  }
  const context: ReadContext = {
    env,
    stored,
    registry,
    modules,
    problems,
    warnings: [],
    secrets,
    uses: [],
    places: new Map(),
    defaults: {},
    lineOf: (path) => place(path, 'value').line,
  }
  const config = readConfig(value, context)
  if (problems.length > 0) return { ok: false, issues: inOrder(problems.map(toIssue)) }
  const ofStore = readStoreRoutes(routes, config, context)
  const listings = [...listFileRoutes({ ...context, routes: config.routes }), ...ofStore.listings]
  return {
    ok: true,
    config: { ...config, routes: [...config.routes, ...ofStore.usable] },
    text,
    catalogue: { routes: listings, uses: usersOf(context, ofStore.uses) },
    warnings: inOrder(context.warnings.map(toIssue)),
  }
}

/** By place; the same mistake reached twice through an alias is told once. */
function inOrder(issues: FileIssue[]): FileIssue[] {
  const seen = new Map<string, FileIssue>()
  for (const issue of issues) seen.set(`${issue.line}:${issue.column}:${issue.path}:${issue.message}`, issue)
  return [...seen.values()].toSorted((one, other) => one.line - other.line || one.column - other.column)
}
