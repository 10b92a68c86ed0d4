import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isSdkProvider, type SdkProvider } from './sdk.ts'

export interface PackageSetup {
  package: string
  /** The export that makes a provider; undefined for the first whose name begins with `create`. */
  factory: string | undefined
  options: Readonly<Record<string, unknown>>
}

/** Where the gateway looks for packages: the folder it was started in, then its own. */
const PLACES = [join(process.cwd(), 'package.json'), import.meta.url]

/** Whether a package is installed where the gateway would find it. Nothing of it is run. */
export function isInstalled(name: string): boolean {
  return find(name) !== undefined
}

/** Rejects with an error that says what is wrong with the package or its factory. */
export async function loadPackage({ package: name, factory, options }: PackageSetup): Promise<SdkProvider> {
  const found = find(name)
  if (found === undefined) throw new Error(`package ${name} is not installed; run: npm install ${name}`)
  const exports: unknown = await import(found)
  const create = findFactory(exports, factory)
  if (!create)
    throw new Error(`package ${name} exports no ${factory ?? 'function "create..."'}; set "factory"`)
  const provider: unknown = create(options)
  if (isSdkProvider(provider)) return provider
  throw new Error(`${factory ?? 'the factory'} of package ${name} made no AI SDK provider of version 2 or 3`)
}

/** What to import: an address, or the bare name for packages that only `import` may load. */
function find(name: string): string | undefined {
  for (const place of PLACES) {
    try {
      return pathToFileURL(createRequire(place).resolve(name)).href
    } catch (error) {
      if (codeOf(error) === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return name
    }
  }
  return undefined
}

function findFactory(
  exports: unknown,
  name: string | undefined,
): ((options: unknown) => unknown) | undefined {
  if (typeof exports !== 'object' || exports === null) return undefined
  const names = name === undefined ? Object.keys(exports).filter((key) => /^create[A-Z]/.test(key)) : [name]
  for (const key of names) {
    const value: unknown = Reflect.get(exports, key)
    if (isFunction(value)) return value
  }
  return undefined
}

function isFunction(value: unknown): value is (options: unknown) => unknown {
  return typeof value === 'function'
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
