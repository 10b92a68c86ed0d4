import { describe, expect, it } from 'vitest'
import { printIssue } from './issue.ts'
import { parseConfig } from './load.ts'
import { sampleRegistry } from '../../test/support/sample-registry.ts'

function issuesOf(text: string): string[] {
  const result = parseConfig(text, { file: 'gateway.yaml', env: {}, registry: sampleRegistry })
  return result.ok ? [] : result.issues.map(printIssue)
}

/** A route whose `config` has these keys besides its credential. */
function withConfig(keys: string): string {
  return `routes:\n  - name: a\n    type: llm/v1/chat\n    model:\n      provider: openai\n      config: {openai_api_key: k, ${keys}}\n`
}

/** A route with these members; the rest of it is right. */
function withRoute(members: { name?: string; type?: string; model?: string; more?: string }): string {
  const {
    name = 'name: a',
    type = 'type: llm/v1/chat',
    model = 'model: {provider: two-words}',
    more,
  } = members
  return `routes:\n  - ${[name, type, model, more].filter(Boolean).join('\n    ')}\n`
}

describe('a mistake', () => {
  it.each([
    ['an empty file', '', '1:1: the file is empty; write "routes:"'],
    ['a tab alone', '\t', '1:1: the file is empty'],
    ['a scalar', 'hello', '1:1: the file must be a mapping, but is a string'],
    ['a list', '- a', '1:1: the file must be a mapping, but is a list'],
    ['no list of routes', 'server: {}', '1:1: missing key "routes"'],
    [
      'null routes',
      'routes:\n',
      '1:1: routes: must be a list, but is empty; write one "- name: ..." per route',
    ],
    ['routes as a mapping', 'routes:\n  a: 1\n', '2:3: routes: must be a list, but is a mapping'],
    ['both lists', 'routes: []\nendpoints: []\n', '2:1: endpoints: is the same list as "routes"'],
    ['a second document', 'routes: []\n---\nroutes: []\n', '2:1: a second document starts here'],
    ['a key twice', 'routes: []\nroutes: []\n', '2:1: the same key twice'],
    ['a tab in the indentation', 'routes:\n\t- a', '2:1: a tab in the indentation'],
    ['an open quote', 'routes: "a\n', 'a quote, a bracket, a comma or a colon is missing'],
    ['an unknown tag', 'routes: !env []', '1:9: a tag (the word after "!") that is not known'],
    [
      'an alias to nothing',
      'routes: *nowhere',
      '1:9: an alias ("*") to an anchor ("&") that is not above it',
    ],
    ['an alias within itself', 'routes: &a [*a]', '1:13: an alias inside the very part that it repeats'],
    ['an item that is no mapping', 'routes: [3]', '1:10: routes[0]: must be a mapping, but is a number'],
    [
      'a name for URLs',
      withRoute({ name: 'name: "Space Name"' }),
      '2:11: routes[0].name: "Space Name" cannot stand in a URL; use letters',
    ],
    ['dots for a name', withRoute({ name: 'name: ..' }), 'routes[0].name: ".." cannot stand in a URL'],
    [
      'letters beyond ASCII',
      withRoute({ name: 'name: naïve' }),
      'routes[0].name: "naïve" cannot stand in a URL',
    ],
    [
      'a name of another kind',
      withRoute({ name: 'name: true' }),
      'routes[0].name: must be a string, but is true; put it in quotes',
    ],
    ['no name', withRoute({ name: 'type: llm/v1/chat', type: '' }), '2:5: routes[0]: missing key "name"'],
    ['no type', withRoute({ type: '' }), 'routes[0]: missing key "type"; write "type: ..."'],
    [
      'two types',
      withRoute({ type: 'type: llm/v1/chat\n    route_type: llm/v1/chat' }),
      '4:5: routes[0].route_type: says the same as "type"',
    ],
    [
      'a path for a type',
      withRoute({ type: 'type: chat/completions' }),
      '3:11: routes[0].type: "chat/completions" is not a route type; write "llm/v1/chat"',
    ],
    ['a slip of a type', withRoute({ type: 'type: llm/v1/embedings' }), 'write "llm/v1/embeddings"'],
    [
      'another type',
      withRoute({ type: 'type: images' }),
      '"images" is not a route type; write "llm/v1/chat", "llm/v1/completions", "llm/v1/embeddings"',
    ],
    [
      'a type not served',
      withRoute({ type: 'type: llm/v1/embeddings' }),
      '4:23: routes[0].model.provider: provider "two-words" does not serve llm/v1/embeddings; it serves "llm/v1/chat" or "llm/v1/completions"',
    ],
    ['no model', withRoute({ model: '' }), 'routes[0]: missing key "model"'],
    [
      'an empty model',
      withRoute({ model: 'model:' }),
      '4:5: routes[0].model: must be a mapping, but is empty',
    ],
    [
      'a model as text',
      withRoute({ model: 'model: gpt-4' }),
      '4:12: routes[0].model: must be a mapping, but is a string',
    ],
    [
      'no provider',
      withRoute({ model: 'model: {name: x}' }),
      '4:12: routes[0].model: missing key "provider"; write "provider: ...": One of "openai" or "two-words"',
    ],
    [
      'a null provider',
      withRoute({ model: 'model: {provider: null}' }),
      '4:23: routes[0].model.provider: must be the name of a provider, but is empty',
    ],
    [
      'a misspelt provider',
      withRoute({ model: 'model: {provider: opnai}' }),
      '"opnai" is not a known provider; did you mean "openai"? Known: "openai" or "two-words"',
    ],
    [
      'a foreign provider',
      withRoute({ model: 'model: {provider: databricks-model-serving}' }),
      'the text here is not a known provider; write "openai" or "two-words"',
    ],
    [
      'no config',
      withRoute({ model: 'model: {provider: openai}' }),
      '4:12: routes[0].model: missing key "config"; provider "openai" needs "openai_api_key" in it',
    ],
    [
      'a config without its key',
      withRoute({ model: 'model: {provider: openai, config: {}}' }),
      '4:39: routes[0].model.config: missing key "openai_api_key"; write "openai_api_key: ...": The key of the account.',
    ],
    [
      'a key without a value',
      withRoute({ model: 'model: {provider: openai, config: {openai_api_key: }}' }),
      '4:40: routes[0].model.config.openai_api_key: has no value',
    ],
    [
      'a model name that is a number',
      withRoute({ model: 'model: {provider: two-words, name: 4}' }),
      'routes[0].model.name: must be a string, but is a number; put it in quotes',
    ],
    [
      'a misspelt key',
      withRoute({ more: 'tmeout: {}' }),
      '5:5: routes[0].tmeout: unknown key "tmeout"; did you mean "timeout"?',
    ],
    ['an unknown key', withRoute({ more: 'zzz: 1' }), 'unknown key "zzz"; known here: "name", "type"'],
    [
      'an unknown key of a model',
      withRoute({ model: 'model: {provider: two-words, confg: {}}' }),
      'routes[0].model.confg: unknown key "confg"; did you mean "config"?',
    ],
    [
      'a duration with a space',
      withRoute({ more: 'timeout: {total: 1 d}' }),
      '5:22: routes[0].timeout.total: "1 d" is not a duration; write "1d"',
    ],
    [
      'a duration longer than timers',
      withRoute({ more: 'timeout: {total: 40d}' }),
      '"40d" is too long; write at most "24d"',
    ],
    [
      'a duration of another kind',
      withRoute({ more: 'timeout: {total: true}' }),
      'must be a time, but is true',
    ],
    ['a negative duration', withRoute({ more: 'timeout: {total: -1}' }), '-1 is not a duration'],
    [
      'an unknown key of a policy',
      withRoute({ more: 'timeout: {totl: 1}' }),
      'routes[0].timeout.totl: unknown key "totl"; did you mean "total"?',
    ],
    [
      'an unknown policy',
      'defaults: {timout: {}}\nroutes: []',
      '1:12: defaults.timout: unknown key "timout"; did you mean "timeout"?',
    ],
    ['an unknown key of the server', 'server: {drain: 1}\nroutes: []', 'server.drain: unknown key "drain"'],
    [
      'a shape that does not exist',
      'server: {invocations_shape: mlfow}\nroutes: []',
      'server.invocations_shape: "mlfow" is not allowed here; did you mean "mlflow"?',
    ],
    [
      'a limit with a fraction',
      'server: {body_limit: 2000.5}\nroutes: []',
      '1:22: server.body_limit: must be an integer, but is a number; write a whole number',
    ],
    [
      'a limit in quotes',
      'server: {body_limit: "2000"}\nroutes: []',
      'must be an integer, but is a string; write it without quotes',
    ],
    [
      'a number out of range',
      withConfig('retries: 9'),
      'config.retries: 9 is out of range; write a number from 0 to 5',
    ],
    ['an infinite number', withConfig('retries: .inf'), 'config.retries: must be an integer'],
    [
      'a list as one text',
      withConfig('tags: a'),
      'config.tags: must be a list, but is a string; write [ ] around it',
    ],
    [
      'an item that does not match',
      withConfig('tags: [a, B]'),
      'config.tags[1]: "B" is not valid here; use small letters',
    ],
    [
      'a choice of another kind',
      withConfig('latency: [1]'),
      'config.latency: must be a time such as 250ms, 30s, 5m or 1h, or a mapping, but is a list',
    ],
    [
      'a mistake inside a choice',
      withConfig('latency: {mean: 1, shape: norml}'),
      'config.latency.shape: "norml" is not allowed here; did you mean "normal"?',
    ],
    [
      'options that do not fit',
      withConfig('openai_api_type: azure, openai_organization: o'),
      'config.openai_organization: cannot be used with azure and "[redacted]"',
    ],
    [
      'a variable that is not set',
      withRoute({ model: 'model: {provider: openai, config: {openai_api_key: $NOT_SET}}' }),
      'environment variable "NOT_SET" is not set',
    ],
  ])('is told with its place: %s', (_title, text, expected) => {
    const issues = issuesOf(text)
    expect(issues.join('\n')).toContain(expected)
    expect(issues.join('\n')).toMatch(/^(gateway\.yaml:\d+:\d+: .+(\n|$))+$/)
  })

  it('in a name used twice points at the second and names the line of the first', () => {
    const route = '{type: llm/v1/chat, model: {provider: two-words}, name: '
    const issues = issuesOf(`routes:\n  - ${route} 7}\n  - ${route}"7"}\n`)
    expect(issues).toHaveLength(1)
    expect(issues[0]).toMatch(/^gateway\.yaml:3:\d+: routes\[1\]\.name: duplicate name; line 2 has/)
  })

  it('does not hide the other mistakes of the file, and all come in the order of the file', () => {
    const issues = issuesOf(`routes:
  - nme: chat
    type: chat
    timeout: {total: 1 d}
    model: {provider: opnai}
  - 3
server: {drain_timeout: 30 seconds, body_limit: 1}
`)
    expect(issues.map((issue) => issue.split(': ')[0])).toEqual([
      'gateway.yaml:2:5',
      'gateway.yaml:2:5',
      'gateway.yaml:3:11',
      'gateway.yaml:4:22',
      'gateway.yaml:5:23',
      'gateway.yaml:6:5',
      'gateway.yaml:7:25',
      'gateway.yaml:7:49',
    ])
  })

  it.each([
    ['brackets', '['.repeat(50_000)],
    ['dashes', `a:\n${'- '.repeat(50_000)}`],
    ['closed brackets', `a: ${'['.repeat(200)}${']'.repeat(200)}`],
    ['aliases', bomb((name) => `[${`*${name}, `.repeat(9)}]`)],
    ['merges', bomb((name) => `{<<: [${`*${name}, `.repeat(9)}]}`)],
  ])('of great size is an issue and not an exception: %s', (_title, text) => {
    expect(issuesOf(text).join('\n')).toMatch(/nested too deeply|aliases repeat too much/)
  })
})

/** Nine levels, each of which repeats the one before nine times. */
function bomb(repeat: (name: string) => string): string {
  const levels = Array.from(
    { length: 8 },
    (_, index) => `a${index + 1}: &a${index + 1} ${repeat(`a${index}`)}`,
  )
  return ['a0: &a0 {k: 1}', ...levels].join('\n')
}
