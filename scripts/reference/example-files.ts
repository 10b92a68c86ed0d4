import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { asArray, asObject, asString, isObject, type JsonObject } from '../../src/core/json.ts'

/** What the example files hold. */
export interface Examples {
  /** The names of the files with a route of this provider. */
  files(provider: string): string[]
  /** The first scalar that an example has for each key, by dotted path, of the routes of this provider. */
  values(provider: string): Readonly<Record<string, unknown>>
}

interface ExampleRoute {
  file: string
  provider: string | undefined
  config: JsonObject
}

/** Reads every YAML file of a folder, in the order of their names. */
export function readExamples(folder: string): Examples {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  const all = files.toSorted().flatMap((file) => routesOf(file, readFileSync(join(folder, file), 'utf8')))
  const of = (provider: string): ExampleRoute[] => all.filter((route) => route.provider === provider)
  return {
    files: (provider) => [...new Set(of(provider).map(({ file }) => file))],
    // The first one wins, so it is put in last.
    values: (provider) =>
      Object.assign(
        {},
        ...of(provider)
          .map(({ config }) => scalars(config))
          .toReversed(),
      ),
  }
}

function routesOf(file: string, text: string): ExampleRoute[] {
  const value: unknown = parse(text)
  const { routes, endpoints } = asObject(value)
  return [...asArray(routes), ...asArray(endpoints)].map((route) => {
    const { provider, config } = asObject(asObject(route)['model'])
    return { file, provider: asString(provider), config: asObject(config) }
  })
}

function scalars(mapping: JsonObject, prefix = ''): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(mapping)) {
    if (isObject(value)) Object.assign(found, scalars(value, `${prefix}${key}.`))
    else found[prefix + key] = value
  }
  return found
}
