import type { JsonObject, JsonValue } from '../../src/core/json.ts'
import { IMAGE_URL, PERSON, PNG, TIME, WEATHER } from './request-cases.ts'
import type { DialectScenarios } from './support.ts'

const user = (content: JsonValue): JsonObject => ({ role: 'user', content })
const assistant = (more: JsonObject): JsonObject => ({ role: 'assistant', ...more })

function call(id: string, name: string, json = '{}'): JsonObject {
  return { id, type: 'function', function: { name, arguments: json } }
}

function result(id: string, content: JsonValue): JsonObject {
  return { role: 'tool', tool_call_id: id, content }
}

function chat(messages: JsonObject[], more: JsonObject = {}): JsonObject {
  return { model: 'a-model', messages, max_tokens: 1000, ...more }
}

const hello = (more: JsonObject = {}): JsonObject => chat([user('Hello.')], more)

function tool({
  name,
  description = '',
  parameters,
}: {
  name: string
  description?: string
  parameters: JsonObject
}) {
  return { type: 'function', function: { name, description, parameters } } satisfies JsonObject
}

const weatherTool = tool(WEATHER as Parameters<typeof tool>[0])
const timeTool = tool(TIME as Parameters<typeof tool>[0])
const PARIS = '{"city":"Paris"}'
const image = (url: string, more: JsonObject = {}): JsonObject => ({
  type: 'image_url',
  image_url: { url, ...more },
})
const looksAt = (block: JsonObject): JsonObject =>
  chat([user([{ type: 'text', text: 'What is this?' }, block])])

function weather(more: JsonObject = {}): JsonObject {
  return chat(
    [
      user('How is the weather in Paris?'),
      assistant({ ...more, tool_calls: [call('call_1', 'get_weather', PARIS)] }),
      result('call_1', 'Sunny, 24 degrees.'),
    ],
    { tools: [weatherTool] },
  )
}

const thinks = weather({ content: [{ type: 'thinking', thinking: 'I need the weather.' }] })

export const requests = {
  text: hello(),
  'no-limit': { model: 'a-model', messages: [user('Hello.')] },
  streamed: hello({ stream: true }),
  conversation: chat([
    user('Hello, I am Ada.'),
    assistant({ content: 'Hello Ada.' }),
    user('What is my name?'),
  ]),
  system: chat([{ role: 'system', content: 'Be brief.' }, user('Hello.')]),
  developer: chat([{ role: 'system', content: 'Be brief.' }, user('Hello.')]),
  'system-late': chat([
    user('Hello.'),
    assistant({ content: 'Hi.' }),
    { role: 'system', content: 'Be brief.' },
    user('And now?'),
  ]),
  'image-url': looksAt(image(IMAGE_URL)),
  'image-base64': looksAt(image(`data:image/png;base64,${PNG}`)),
  'image-detail': looksAt(image(IMAGE_URL, { detail: 'low' })),
  tools: hello({ tools: [weatherTool, timeTool] }),
  'strict-tool': hello({ tools: [weatherTool], strict_tools: true }),
  'tool-call': weather(),
  'text-then-tool': weather({ content: 'I will look.' }),
  'tool-without-arguments': chat(
    [
      user('What time is it?'),
      assistant({ tool_calls: [call('call_1', 'get_time')] }),
      result('call_1', 'Noon.'),
      assistant({ content: 'It is noon.' }),
      user('Thanks.'),
    ],
    { tools: [timeTool] },
  ),
  'parallel-tools': chat(
    [
      user('Weather and time in Paris?'),
      assistant({ tool_calls: [call('call_1', 'get_weather', PARIS), call('call_2', 'get_time')] }),
      result('call_1', 'Sunny.'),
      result('call_2', 'Noon.'),
    ],
    { tools: [weatherTool, timeTool] },
  ),
  'repeated-tools': chat(
    [
      user('Weather in Paris and Rome?'),
      assistant({
        tool_calls: [call('call_1', 'get_weather', PARIS), call('call_2', 'get_weather', '{"city":"Rome"}')],
      }),
      result('call_1', 'Sunny.'),
      result('call_2', 'Rain.'),
    ],
    { tools: [weatherTool] },
  ),
  'tool-result-image': chat(
    [
      user('How does it look?'),
      assistant({ tool_calls: [call('call_1', 'get_weather', PARIS)] }),
      result('call_1', 'A photo:'),
      user([image(`data:image/png;base64,${PNG}`)]),
    ],
    { tools: [weatherTool] },
  ),
  'tool-error': chat(
    [
      user('How is the weather?'),
      assistant({ tool_calls: [call('call_1', 'get_weather', PARIS)] }),
      result('call_1', 'No such city.'),
    ],
    { tools: [weatherTool] },
  ),
  'tool-choice-auto': hello({ tools: [weatherTool] }),
  'tool-choice-none': hello({ tools: [weatherTool], tool_choice: 'NONE' }),
  'tool-choice-required': hello({ tools: [weatherTool], tool_choice: 'REQUIRED' }),
  'tool-choice-one': hello({ tools: [timeTool], tool_choice: 'REQUIRED' }),
  'tool-choice-some': hello({
    tools: [timeTool, { type: 'function', function: { ...timeTool.function, name: 'get_date' } }],
    tool_choice: 'REQUIRED',
  }),
  'one-tool-at-a-time': hello({ tools: [weatherTool] }),
  structured: hello({ response_format: { type: 'json_object', json_schema: PERSON } }),
  'json-mode': hello({ response_format: { type: 'json_object' } }),
  sampling: hello({ temperature: 0.5, p: 0.75, stop_sequences: ['END', 'STOP'] }),
  'top-k': hello({ k: 40 }),
  seed: hello({ seed: 7 }),
  penalties: hello({ presence_penalty: 0.5, frequency_penalty: 0.25 }),
  logprobs: hello({ logprobs: true }),
  'reasoning-effort': hello({ thinking: { type: 'enabled' } }),
  'reasoning-budget': hello({ max_tokens: 16_000, thinking: { type: 'enabled', token_budget: 8192 } }),
  'reasoning-off': hello({ thinking: { type: 'disabled' } }),
  'reasoning-adaptive': hello({ thinking: { type: 'enabled' } }),
  'reasoning-with-tools': thinks,
  'redacted-thinking': weather(),
  'unsigned-thinking': thinks,
  'foreign-state': weather(),
  'signed-call': weather(),
  'signed-text': chat([user('Hello.'), assistant({ content: 'Hi.' }), user('And now?')]),
  'cache-marks': chat(
    [
      { role: 'system', content: 'A long instruction.' },
      user([
        { type: 'text', text: 'A long document.' },
        { type: 'text', text: 'Sum it up.' },
      ]),
    ],
    { tools: [weatherTool] },
  ),
  'refusal-in-history': chat([user('Hello.'), assistant({ content: 'I cannot.' }), user('Please.')]),
} satisfies DialectScenarios['requests']
