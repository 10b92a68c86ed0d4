import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv, type ErrorObject } from 'ajv'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { parseConfig } from '../../src/config/load.ts'

const CHART = fileURLToPath(new URL('../../deploy/helm/mlflow-gateway', import.meta.url))
const read = (path: string): string => readFileSync(join(CHART, path), 'utf8')
const templates = readdirSync(join(CHART, 'templates'))
const values: unknown = parse(read('values.yaml'))

/** Where a template reads the values from. */
const PLACE = /\.Values\.([\w.]+)/g

function at(place: string): unknown {
  return place
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], values)
}

describe('the Helm chart', () => {
  it('has values that its schema takes', () => {
    expect(errorsOf(values)).toEqual([])
  })

  it.each([
    ['a name that there is not', { replica: 2 }],
    ['a word for a number', { replicas: 'two' }],
    ['no workers', { workers: 0 }],
    ['a size without a unit', { persistence: { size: '10' } }],
  ])('refuses %s', (_what, changes) => {
    expect(errorsOf({ ...(values as object), ...changes })).not.toEqual([])
  })

  it('has a configuration that the gateway takes', () => {
    const loaded = parseConfig(String(at('config')), { file: 'values.yaml', env: {} })
    expect(loaded.ok ? [] : loaded.issues).toEqual([])
  })

  it('reads each of its values somewhere', () => {
    const text = templates.map((name) => read(`templates/${name}`)).join('\n')
    const unread = Object.keys(values as object).filter((name) => !text.includes(`.Values.${name}`))
    expect(unread).toEqual([])
  })

  test.each(templates)('%s reads only values that there are', (name) => {
    const places = [...read(`templates/${name}`).matchAll(PLACE)].map(([, place = '']) => place)
    expect(places.filter((place) => at(place) === undefined)).toEqual([])
  })

  test.each(templates)('%s closes what it opens', (name) => {
    const text = read(`templates/${name}`)
    expect(text.match(/\{\{/g)?.length).toBe(text.match(/\}\}/g)?.length)
    const words = [...text.matchAll(/\{\{-?\s*(\w+)/g)].map(([, word]) => word)
    const count = (...wanted: string[]): number => words.filter((word) => wanted.includes(word ?? '')).length
    expect(count('end')).toBe(count('if', 'with', 'range', 'define'))
  })
})

function errorsOf(given: unknown): ErrorObject[] {
  const ajv = new Ajv({ allErrors: true, strict: false })
  const validate = ajv.compile(JSON.parse(read('values.schema.json')))
  validate(given)
  return validate.errors ?? []
}
