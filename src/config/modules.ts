import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { asArray, asObject, isObject } from '../core/json.ts'
import type { ProviderDefinition } from '../core/provider.ts'
import { ROUTE_TYPES } from '../core/route.ts'
import type { Registry } from './registry.ts'
import { modelsOf, type GatewayConfig } from './schema.ts'

/** A user's own provider: what its module gave, or why it gave nothing. */
export type LoadedModule =
  | { ok: true; url: string; definition: ProviderDefinition }
  | { ok: false; message: string }

/** By the path that the file writes. */
export type LoadedModules = ReadonlyMap<string, LoadedModule>

/** A module may wait for something when it loads, but not hold a reload for ever. */
const LOAD_TIMEOUT_MS = 8000

/** Whether `model.provider` names a module and not a provider of the gateway. */
export function isModulePath(provider: string): boolean {
  return /^(?:\.{1,2})?\//.test(provider)
}

/** Load every module that the values of a file name, each once. Paths are relative to `folder`. Nothing is thrown. */
export async function loadModules(value: unknown, folder: string): Promise<LoadedModules> {
  const file = asObject(value)
  const routes = [...asArray(file['routes']), ...asArray(file['endpoints'])]
  const paths = new Set<string>()
  const targets = routes.concat(routes.flatMap((route) => asArray(asObject(route)['targets'])))
  for (const target of targets) {
    const { provider } = asObject(asObject(target)['model'])
    if (typeof provider === 'string' && isModulePath(provider)) paths.add(provider)
  }
  const loaded = [...paths].map(async (path) => [path, await loadModule(resolve(folder, path))] as const)
  return new Map(await Promise.all(loaded))
}

/** `registry` with the modules of a checked configuration, for the process that builds it. Rejects when one fails. */
export async function withModules(registry: Registry, { routes }: GatewayConfig): Promise<Registry> {
  const urls = new Set(modelsOf(routes).flatMap(({ module }) => module ?? []))
  if (urls.size === 0) return registry
  const loaded = [...urls].map(async (url) => [url, await importDefinition(url)] as const)
  return { ...registry, modules: new Map(await Promise.all(loaded)) }
}

async function loadModule(path: string): Promise<LoadedModule> {
  try {
    const { mtimeMs, size } = await stat(path)
    // Node keeps what it has imported: only under another URL is a changed file read again.
    const url = `${pathToFileURL(path).href}?v=${Math.trunc(mtimeMs)}-${size}`
    return { ok: true, url, definition: await importDefinition(url) }
  } catch (error) {
    return { ok: false, message: explain(error, dirname(path)) }
  }
}

async function importDefinition(url: string): Promise<ProviderDefinition> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it did not load within ${LOAD_TIMEOUT_MS / 1000} seconds`)),
      LOAD_TIMEOUT_MS,
    )
  })
  try {
    const module: unknown = await Promise.race([import(url), late])
    return readDefinition(isNamespace(module) ? module.default : undefined)
  } catch (error) {
    throw new Error(explain(error, dirname(fileURLToPath(url))), { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

function isNamespace(module: unknown): module is { default?: unknown } {
  return typeof module === 'object' && module !== null
}

function readDefinition(exported: unknown): ProviderDefinition {
  if (isDefinition(exported)) return exported
  throw new TypeError(
    'its default export is no ProviderDefinition; export an object with name, routeTypes, options and create',
  )
}

function isDefinition(value: unknown): value is ProviderDefinition {
  if (!isObject(value)) return false
  const { name, routeTypes, options } = value
  if (typeof name !== 'string' || name === '') return false
  const served = asArray(routeTypes)
  if (served.length === 0 || !served.every(isRouteType)) return false
  if (asObject(options)['type'] !== 'object' || !isObject(asObject(options)['properties'])) return false
  return typeof Reflect.get(value, 'create') === 'function'
}

function isRouteType(value: unknown): boolean {
  return ROUTE_TYPES.some((known) => known === value)
}

/** Anybody may read why a configuration is not in use: it tells no more of the machine than the module's own folder has. */
function explain(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'ENOENT') return 'there is no such file; paths are relative to the configuration file'
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return `Node ${process.versions.node} does not run TypeScript; use Node 22.18 or later, or name a .js or .mjs file`
  }
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(pathToFileURL(folder).href, '.').replaceAll(folder, '.')
}
