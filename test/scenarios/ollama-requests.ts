import type { JsonObject, JsonValue } from '../../src/core/json.ts'
import { PERSON, PNG, TIME, WEATHER } from './request-cases.ts'
import type { DialectScenarios } from './support.ts'

const user = (content: string, more: JsonObject = {}): JsonObject => ({ role: 'user', content, ...more })
const assistant = (content: string, more: JsonObject = {}): JsonObject => ({
  role: 'assistant',
  content,
  ...more,
})

function call(id: string, name: string, value: JsonValue = {}): JsonObject {
  return { id, type: 'function', function: { name, arguments: value } }
}

function result(id: string, name: string, content: string): JsonObject {
  return { role: 'tool', content, tool_name: name, tool_call_id: id }
}

const OPTIONS: JsonObject = { num_predict: 1000 }

function chat(messages: JsonObject[], more: JsonObject = {}): JsonObject {
  return { model: 'a-model', messages, stream: false, options: OPTIONS, ...more }
}

const hello = (more: JsonObject = {}): JsonObject => chat([user('Hello.')], more)
const withOptions = (more: JsonObject): JsonObject => hello({ options: { ...OPTIONS, ...more } })

function toolOf({ name, description = '', parameters }: typeof WEATHER & { type: 'function' }) {
  return { type: 'function', function: { name, description, parameters } } satisfies JsonObject
}

const weatherTool = toolOf(WEATHER as Parameters<typeof toolOf>[0])
const timeTool = toolOf(TIME as Parameters<typeof toolOf>[0])
const dateTool: JsonObject = { type: 'function', function: { ...timeTool.function, name: 'get_date' } }
const PARIS: JsonObject = { city: 'Paris' }

function weather(content = '', more: JsonObject = {}): JsonObject {
  return chat(
    [
      user('How is the weather in Paris?'),
      assistant(content, { ...more, tool_calls: [call('call_1', 'get_weather', PARIS)] }),
      result('call_1', 'get_weather', 'Sunny, 24 degrees.'),
    ],
    { tools: [weatherTool] },
  )
}

export const requests = {
  text: hello(),
  'no-limit': { model: 'a-model', messages: [user('Hello.')], stream: false },
  streamed: hello({ stream: true }),
  conversation: chat([user('Hello, I am Ada.'), assistant('Hello Ada.'), user('What is my name?')]),
  system: chat([{ role: 'system', content: 'Be brief.' }, user('Hello.')]),
  developer: chat([{ role: 'system', content: 'Be brief.' }, user('Hello.')]),
  'system-late': chat([
    user('Hello.'),
    assistant('Hi.'),
    { role: 'system', content: 'Be brief.' },
    user('And now?'),
  ]),
  'image-base64': chat([user('What is this?', { images: [PNG] })]),
  tools: hello({ tools: [weatherTool, timeTool] }),
  'strict-tool': hello({ tools: [weatherTool] }),
  'tool-call': weather(),
  'text-then-tool': weather('I will look.'),
  'tool-without-arguments': chat(
    [
      user('What time is it?'),
      assistant('', { tool_calls: [call('call_1', 'get_time')] }),
      result('call_1', 'get_time', 'Noon.'),
      assistant('It is noon.'),
      user('Thanks.'),
    ],
    { tools: [timeTool] },
  ),
  'parallel-tools': chat(
    [
      user('Weather and time in Paris?'),
      assistant('', { tool_calls: [call('call_1', 'get_weather', PARIS), call('call_2', 'get_time')] }),
      result('call_1', 'get_weather', 'Sunny.'),
      result('call_2', 'get_time', 'Noon.'),
    ],
    { tools: [weatherTool, timeTool] },
  ),
  'repeated-tools': chat(
    [
      user('Weather in Paris and Rome?'),
      assistant('', {
        tool_calls: [call('call_1', 'get_weather', PARIS), call('call_2', 'get_weather', { city: 'Rome' })],
      }),
      result('call_1', 'get_weather', 'Sunny.'),
      result('call_2', 'get_weather', 'Rain.'),
    ],
    { tools: [weatherTool] },
  ),
  'tool-result-image': chat(
    [
      user('How does it look?'),
      assistant('', { tool_calls: [call('call_1', 'get_weather', PARIS)] }),
      { ...result('call_1', 'get_weather', 'A photo:'), images: [PNG] },
    ],
    { tools: [weatherTool] },
  ),
  'tool-error': chat(
    [
      user('How is the weather?'),
      assistant('', { tool_calls: [call('call_1', 'get_weather', PARIS)] }),
      result('call_1', 'get_weather', 'No such city.'),
    ],
    { tools: [weatherTool] },
  ),
  'tool-choice-auto': hello({ tools: [weatherTool] }),
  'tool-choice-none': hello(),
  'tool-choice-required': hello({ tools: [weatherTool] }),
  'tool-choice-one': hello({ tools: [timeTool] }),
  'tool-choice-some': hello({ tools: [timeTool, dateTool] }),
  'one-tool-at-a-time': hello({ tools: [weatherTool] }),
  structured: hello({ format: PERSON }),
  'json-mode': hello({ format: 'json' }),
  sampling: withOptions({ temperature: 0.5, top_p: 0.75, stop: ['END', 'STOP'] }),
  'top-k': withOptions({ top_k: 40 }),
  seed: withOptions({ seed: 7 }),
  penalties: withOptions({ presence_penalty: 0.5, frequency_penalty: 0.25 }),
  logprobs: hello({ logprobs: true, top_logprobs: 3 }),
  'reasoning-effort': hello({ think: true }),
  'reasoning-budget': hello({ options: { num_predict: 16_000 }, think: true }),
  'reasoning-off': hello({ think: false }),
  'reasoning-adaptive': hello({ think: true }),
  'reasoning-with-tools': weather('', { thinking: 'I need the weather.' }),
  'redacted-thinking': weather(),
  'unsigned-thinking': weather('', { thinking: 'I need the weather.' }),
  'foreign-state': weather(),
  'signed-call': weather(),
  'signed-text': chat([user('Hello.'), assistant('Hi.'), user('And now?')]),
  'cache-marks': chat(
    [{ role: 'system', content: 'A long instruction.' }, user('A long document.\n\nSum it up.')],
    { tools: [weatherTool] },
  ),
  'refusal-in-history': chat([user('Hello.'), assistant('I cannot.'), user('Please.')]),
} satisfies DialectScenarios['requests']
