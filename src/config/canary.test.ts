import { describe, expect, it } from 'vitest'
import { printIssue } from './issue.ts'
import { parseConfig } from './load.ts'
import { sampleRegistry } from '../../test/support/sample-registry.ts'

const CANARY = 'canary-Zq81kd02mslq9'

function issuesOf(text: string): string[] {
  const result = parseConfig(text, { file: 'gateway.yaml', env: {}, registry: sampleRegistry })
  return result.ok ? [] : result.issues.map(printIssue)
}

/** A route whose `config` has these keys besides its credential. */
function withConfig(keys: string): string {
  return `routes:\n  - name: a\n    type: llm/v1/chat\n    model:\n      provider: openai\n      config: {openai_api_key: k, ${keys}}\n`
}

describe('a message about a mistake', () => {
  it.each([
    ['an unknown key', withConfig(`opnai_key: ${CANARY}`)],
    [
      'a key without its space',
      `routes:\n  - name: a\n    model: {provider: openai, config: {openai_api_key:${CANARY}}}`,
    ],
    ['a known key of another kind', withConfig(`retries: ${CANARY}`)],
    ['a duration', withConfig(`pause: ${CANARY}`)],
    ['an enum', withConfig(`openai_api_type: ${CANARY}`)],
    ['a pattern', withConfig(`tags: [${CANARY}]`)],
    [
      'a secret as a list',
      `routes: [{name: a, model: {provider: openai, config: {openai_api_key: [${CANARY}]}}}]`,
    ],
    [
      'a secret after a dollar',
      `routes: [{name: a, model: {provider: openai, config: {openai_api_key: $${CANARY}}}}]`,
    ],
    ['a config as text', `routes: [{name: a, model: {provider: openai, config: ${CANARY}}}]`],
    ['a provider', `routes: [{name: a, model: {provider: ${CANARY}}}]`],
    ['a type', `routes: [{name: a, type: ${CANARY}}]`],
    ['a name', `routes: [{name: "${CANARY} x"}]`],
    ['a name used twice', `routes: [{name: ${CANARY}}, {name: ${CANARY}}]`],
    ['an alias', `routes: *${CANARY}`],
    ['a tag', `routes: !${CANARY} []`],
    ['a key as such', `${CANARY}: 1`],
    ['broken YAML', `routes: [{config: {openai_api_key: "${CANARY}}]`],
    ['the whole file', CANARY],
  ])('never repeats a secret: %s', (_title, text) => {
    const result = parseConfig(text, { file: 'gateway.yaml', env: {}, registry: sampleRegistry })
    expect(result.ok).toBe(false)
    expect(JSON.stringify(result)).not.toContain(CANARY.slice(7))
  })

  it('never repeats a literal key that also stands in a wrong place', () => {
    const text =
      'routes: [{name: a, type: sesame-open, model: {provider: openai, config: {openai_api_key: sesame-open}}}]'
    expect(issuesOf(text).join()).toContain('[redacted]')
    expect(issuesOf(text).join()).not.toContain('sesame')
  })
})
