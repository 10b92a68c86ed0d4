import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { completionsAt, type Schema } from './yaml-completions.ts'

const schema: Schema = JSON.parse(
  readFileSync(new URL('../../docs/reference/config.schema.json', import.meta.url), 'utf8'),
)

/** Labels where the text has a `|`. */
function at(marked: string): string[] {
  const cursor = marked.indexOf('|')
  const found = completionsAt(schema, marked.replace('|', ''), cursor)
  return found?.suggestions.map(({ label }) => label) ?? []
}

describe('completion of a configuration', () => {
  test.each([
    ['|', 'routes'],
    ['rou|', 'limits'],
    ['server:\n  |', 'drain_timeout'],
    ['server:\n  admin_host: x\n  |', 'admin_port'],
    ['routes:\n  - |', 'name'],
    ['routes:\n  - name: a\n    |', 'targets'],
    ['routes:\n- name: a\n  |', 'targets'],
    ['routes:\n  - name: a\n    targets:\n      - |', 'weight'],
    ['routes:\n  - name: a\n    model:\n      |', 'provider'],
    ['routes:\n  - name: a\n    model:\n      provider: openai\n      config:\n        |', 'openai_api_key'],
    ['routes:\n  - name: a\n\n    # a comment\n    retries:\n      |', 'max'],
    ['limits:\n  - |', 'requests'],
    ['limits:\n  - cost: 5\n    |', 'per'],
  ])('of %j offers the key %s', (text, key) => {
    expect(at(text)).toContain(key)
  })

  test.each([
    ['routes:\n  - type: |', 'llm/v1/chat'],
    ['routes:\n  - name: a\n    type: llm/|', 'llm/v1/embeddings'],
    ['routes:\n  - name: a\n    strategy: |', 'least_busy'],
    ['routes:\n  - name: a\n    strict: |', 'true'],
    ['limits:\n  - cost: 5\n    action: |', 'alert'],
  ])('of %j offers the value %s', (text, value) => {
    expect(at(text)).toContain(value)
  })

  test('offers nothing where it knows nothing', () => {
    expect(at('nobody:\n  knows:\n    |')).toEqual([])
    expect(at('routes: [{ |')).toEqual([])
  })

  test('replaces the word that was begun', () => {
    expect(completionsAt(schema, 'server:\n  dra', 13)?.from).toBe(10)
  })
})
