import type { JsonObject, JsonValue } from '../../src/core/json.ts'
import { IMAGE_URL, PDF, PDF_URL, PERSON, PNG, REDACTED, SIGNATURE, TIME, WEATHER } from './request-cases.ts'
import type { DialectScenarios } from './support.ts'

export const said = (text: string, more: JsonObject = {}): JsonObject => ({ type: 'text', text, ...more })
const says = (role: string, content: JsonValue): JsonObject => ({ role, content })
export const user = (content: JsonValue): JsonObject => says('user', content)
const assistant = (content: JsonValue): JsonObject => says('assistant', content)

export function call(id: string, name: string, input: JsonObject): JsonObject {
  return { type: 'tool_use', id, name, input }
}

export function result(id: string, content: JsonValue, more: JsonObject = {}): JsonObject {
  return { type: 'tool_result', tool_use_id: id, content, ...more }
}

export function weatherIn(city: string, id = 'call_1'): JsonObject {
  return call(id, 'get_weather', { city })
}

function tool(definition: typeof WEATHER, more: JsonObject = {}): JsonObject {
  if (definition.type === 'hosted') return definition.value
  const { name, description = '', parameters } = definition
  return { name, description, input_schema: parameters, ...more }
}

const weatherTool = tool(WEATHER)
const timeTool = tool(TIME)

export function chat(messages: JsonObject[], more: JsonObject = {}): JsonObject {
  return { model: 'a-model', messages, max_tokens: 1000, ...more }
}

const hello = (more: JsonObject = {}): JsonObject => chat([user('Hello.')], more)

/** A question, a call (with what stands before it) and its result. */
function weather(...before: JsonObject[]): JsonObject {
  return chat(
    [
      user('How is the weather in Paris?'),
      assistant([...before, weatherIn('Paris')]),
      user([result('call_1', 'Sunny, 24 degrees.')]),
    ],
    { tools: [weatherTool] },
  )
}

const image = (source: JsonObject): JsonObject => ({ type: 'image', source })
const imageAtUrl = image({ type: 'url', url: IMAGE_URL })
const imageInBase64 = image({ type: 'base64', media_type: 'image/png', data: PNG })
const introduced = (then: string, content: JsonValue): JsonObject => user([said(then), content])

/** Each case's request to a provider of Anthropic's. */
export const requests = {
  text: hello(),
  'no-limit': hello({ max_tokens: 8192 }),
  streamed: hello({ stream: true }),
  conversation: chat([user('Hello, I am Ada.'), assistant('Hello Ada.'), user('What is my name?')]),
  system: hello({ system: 'Be brief.' }),
  developer: hello({ system: 'Be brief.' }),
  'system-late': chat([user('Hello.'), assistant('Hi.'), user('And now?')], { system: 'Be brief.' }),
  'image-url': chat([introduced('What is this?', imageAtUrl)]),
  'image-base64': chat([introduced('What is this?', imageInBase64)]),
  'image-detail': chat([introduced('What is this?', imageAtUrl)]),
  pdf: chat([
    introduced('Sum it up.', {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: PDF },
      title: 'report.pdf',
    }),
  ]),
  'pdf-url': chat([introduced('Sum it up.', { type: 'document', source: { type: 'url', url: PDF_URL } })]),
  tools: hello({ tools: [weatherTool, timeTool] }),
  'strict-tool': hello({ tools: [tool(WEATHER, { strict: true })] }),
  'tool-call': weather(),
  'text-then-tool': weather(said('I will look.')),
  'tool-without-arguments': chat(
    [
      user('What time is it?'),
      assistant([call('call_1', 'get_time', {})]),
      user([result('call_1', 'Noon.')]),
      assistant('It is noon.'),
      user('Thanks.'),
    ],
    { tools: [timeTool] },
  ),
  'parallel-tools': chat(
    [
      user('Weather and time in Paris?'),
      assistant([weatherIn('Paris'), call('call_2', 'get_time', {})]),
      user([result('call_1', 'Sunny.'), result('call_2', 'Noon.')]),
    ],
    { tools: [weatherTool, timeTool] },
  ),
  'repeated-tools': chat(
    [
      user('Weather in Paris and Rome?'),
      assistant([weatherIn('Paris'), weatherIn('Rome', 'call_2')]),
      user([result('call_1', 'Sunny.'), result('call_2', 'Rain.')]),
    ],
    { tools: [weatherTool] },
  ),
  'tool-result-image': chat(
    [
      user('How does it look?'),
      assistant([weatherIn('Paris')]),
      user([result('call_1', [said('A photo:'), imageInBase64])]),
    ],
    { tools: [weatherTool] },
  ),
  'tool-error': chat(
    [
      user('How is the weather?'),
      assistant([weatherIn('Paris')]),
      user([result('call_1', 'No such city.', { is_error: true })]),
    ],
    { tools: [weatherTool] },
  ),
  'tool-choice-auto': hello({ tools: [weatherTool], tool_choice: { type: 'auto' } }),
  'tool-choice-none': hello({ tools: [weatherTool], tool_choice: { type: 'none' } }),
  'tool-choice-required': hello({ tools: [weatherTool], tool_choice: { type: 'any' } }),
  'tool-choice-one': hello({
    tools: [weatherTool, timeTool],
    tool_choice: { type: 'tool', name: 'get_time' },
  }),
  'tool-choice-some': hello({
    tools: [timeTool, { ...timeTool, name: 'get_date' }],
    tool_choice: { type: 'any' },
  }),
  'one-tool-at-a-time': hello({
    tools: [weatherTool],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  }),
  structured: hello({ output_config: { format: { type: 'json_schema', schema: PERSON } } }),
  'json-mode': hello({
    system: 'Answer with one JSON object and nothing else: no introduction, no code fence.',
  }),
  sampling: hello({ temperature: 0.25, top_p: 0.75, stop_sequences: ['END', 'STOP'] }),
  'top-k': hello({ top_k: 40 }),
  'reasoning-budget': hello({ max_tokens: 16_000, thinking: { type: 'enabled', budget_tokens: 8192 } }),
  'reasoning-off': hello({ thinking: { type: 'disabled' } }),
  'reasoning-adaptive': hello({ thinking: { type: 'adaptive' } }),
  'reasoning-with-tools': weather({
    type: 'thinking',
    thinking: 'I need the weather.',
    signature: SIGNATURE,
  }),
  'redacted-thinking': weather({ type: 'redacted_thinking', data: REDACTED }),
  'unsigned-thinking': weather(),
  'foreign-state': weather(),
  'signed-call': weather(),
  'signed-text': chat([user('Hello.'), assistant('Hi.'), user('And now?')]),
  'cache-marks': chat([user([said('A long document.', { cache_control: mark('5m') }), said('Sum it up.')])], {
    system: [said('A long instruction.', { cache_control: mark('1h') })],
    tools: [tool(WEATHER, { cache_control: mark('1h') })],
  }),
  'cache-request': hello({ cache_control: { type: 'ephemeral' } }),
  'end-user': hello({ metadata: { user_id: 'user-17' } }),
  'refusal-in-history': chat([user('Hello.'), assistant('I cannot.'), user('Please.')]),
} satisfies DialectScenarios['requests']

function mark(ttl: string): JsonObject {
  return { type: 'ephemeral', ttl }
}
