import type { JsonObject } from '../../src/core/json.ts'
import { CALL_SIGNATURE, IMAGE_URL, PDF, PERSON, PNG, REDACTED, SIGNATURE, WAV } from './request-cases.ts'
import type { DialectScenarios } from './support.ts'

export const user = (content: string | JsonObject[]): JsonObject => ({ role: 'user', content })
const text = (text: string): JsonObject => ({ type: 'text', text })

/** A request with these messages. */
export function chat(messages: JsonObject[], more: JsonObject = {}): JsonObject {
  return { model: 'a-model', messages, max_tokens: 1000, ...more }
}

const hello = (more: JsonObject = {}): JsonObject => chat([user('Hello.')], more)

const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
}
const timeTool = {
  type: 'function',
  function: {
    name: 'get_time',
    description: 'The time of day.',
    parameters: { type: 'object', properties: {} },
  },
}
const dateTool = { type: 'function', function: { ...timeTool.function, name: 'get_date' } }

export function call(id: string, name: string, json: string): JsonObject {
  return { id, type: 'function', function: { name, arguments: json } }
}

function calls(...tool_calls: JsonObject[]): JsonObject {
  return { role: 'assistant', content: null, tool_calls }
}

const result = (id: string, content: string): JsonObject => ({ role: 'tool', tool_call_id: id, content })

export const PARIS = '{"city":"Paris"}'
const toParis = (): JsonObject => call('call_1', 'get_weather', PARIS)

function weather(answer: JsonObject, more: JsonObject = {}): JsonObject {
  return chat([user('How is the weather in Paris?'), answer, result('call_1', 'Sunny, 24 degrees.')], {
    tools: [weatherTool],
    ...more,
  })
}

const picture = (url: string, more: JsonObject = {}): JsonObject => ({
  type: 'image_url',
  image_url: { url, ...more },
})
const PNG_URL = `data:image/png;base64,${PNG}`

/** The body of each case as OpenAI's chat completions have it. */
export const requests: DialectScenarios['requests'] = {
  text: hello(),
  'no-limit': { model: 'a-model', messages: [user('Hello.')] },
  streamed: hello({ stream: true }),
  conversation: chat([
    user('Hello, I am Ada.'),
    { role: 'assistant', content: 'Hello Ada.' },
    user('What is my name?'),
  ]),
  system: chat([{ role: 'system', content: 'Be brief.' }, user('Hello.')]),
  developer: chat([{ role: 'developer', content: 'Be brief.' }, user('Hello.')]),
  'system-late': chat([
    user('Hello.'),
    { role: 'assistant', content: 'Hi.' },
    { role: 'system', content: 'Be brief.' },
    user('And now?'),
  ]),
  'image-url': chat([user([text('What is this?'), picture(IMAGE_URL)])]),
  'image-base64': chat([user([text('What is this?'), picture(PNG_URL)])]),
  'image-detail': chat([user([text('What is this?'), picture(IMAGE_URL, { detail: 'low' })])]),
  pdf: chat([
    user([
      text('Sum it up.'),
      {
        type: 'file',
        file: { filename: 'report.pdf', file_data: `data:application/pdf;base64,${PDF}` },
      },
    ]),
  ]),
  'audio-in': chat([
    user([text('What is said?'), { type: 'input_audio', input_audio: { data: WAV, format: 'wav' } }]),
  ]),
  tools: hello({ tools: [weatherTool, timeTool] }),
  'strict-tool': hello({
    tools: [{ type: 'function', function: { ...weatherTool.function, strict: true } }],
  }),
  'tool-call': weather(calls(toParis())),
  'text-then-tool': weather({ role: 'assistant', content: 'I will look.', tool_calls: [toParis()] }),
  'tool-without-arguments': chat(
    [
      user('What time is it?'),
      calls(call('call_1', 'get_time', '{}')),
      result('call_1', 'Noon.'),
      { role: 'assistant', content: 'It is noon.' },
      user('Thanks.'),
    ],
    { tools: [timeTool] },
  ),
  'parallel-tools': chat(
    [
      user('Weather and time in Paris?'),
      calls(toParis(), call('call_2', 'get_time', '{}')),
      result('call_1', 'Sunny.'),
      result('call_2', 'Noon.'),
    ],
    { tools: [weatherTool, timeTool] },
  ),
  'repeated-tools': chat(
    [
      user('Weather in Paris and Rome?'),
      calls(toParis(), call('call_2', 'get_weather', '{"city":"Rome"}')),
      result('call_1', 'Sunny.'),
      result('call_2', 'Rain.'),
    ],
    { tools: [weatherTool] },
  ),
  'tool-result-image': chat(
    [user('How does it look?'), calls(toParis()), result('call_1', 'A photo:'), user([picture(PNG_URL)])],
    { tools: [weatherTool] },
  ),
  'tool-error': chat([user('How is the weather?'), calls(toParis()), result('call_1', 'No such city.')], {
    tools: [weatherTool],
  }),
  'tool-choice-auto': hello({ tools: [weatherTool], tool_choice: 'auto' }),
  'tool-choice-none': hello({ tools: [weatherTool], tool_choice: 'none' }),
  'tool-choice-required': hello({ tools: [weatherTool], tool_choice: 'required' }),
  'tool-choice-one': hello({
    tools: [weatherTool, timeTool],
    tool_choice: { type: 'function', function: { name: 'get_time' } },
  }),
  'tool-choice-some': hello({
    tools: [weatherTool, timeTool, dateTool],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: {
        mode: 'required',
        tools: [
          { type: 'function', function: { name: 'get_time' } },
          { type: 'function', function: { name: 'get_date' } },
        ],
      },
    },
  }),
  'one-tool-at-a-time': hello({
    tools: [weatherTool],
    tool_choice: 'auto',
    parallel_tool_calls: false,
  }),
  structured: hello({
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'person', schema: PERSON, strict: true },
    },
  }),
  'json-mode': hello({ response_format: { type: 'json_object' } }),
  sampling: hello({ temperature: 0.5, top_p: 0.75, stop: ['END', 'STOP'] }),
  seed: hello({ seed: 7 }),
  penalties: hello({ presence_penalty: 0.5, frequency_penalty: 0.25 }),
  candidates: hello({ n: 2 }),
  logprobs: hello({ logprobs: true, top_logprobs: 3 }),
  'logit-bias': hello({ logit_bias: { '50256': -100 } }),
  'reasoning-effort': hello({ reasoning_effort: 'medium' }),
  'reasoning-budget': hello({ max_tokens: 16_000, reasoning_effort: 'medium' }),
  'reasoning-off': hello({ reasoning_effort: 'none' }),
  'reasoning-with-tools': weather({
    ...calls(toParis()),
    reasoning_details: [
      { type: 'reasoning.text', text: 'I need the weather.', signature: SIGNATURE, index: 0 },
    ],
  }),
  'redacted-thinking': weather({
    ...calls(toParis()),
    reasoning_details: [{ type: 'reasoning.encrypted', data: REDACTED, index: 0 }],
  }),
  'unsigned-thinking': weather(calls(toParis())),
  'foreign-state': weather(calls(toParis())),
  'signed-call': weather(calls(toParis())),
  'signed-text': chat([user('Hello.'), { role: 'assistant', content: 'Hi.' }, user('And now?')]),
  'cache-marks': chat(
    [
      { role: 'system', content: 'A long instruction.' },
      user([text('A long document.'), text('Sum it up.')]),
    ],
    { tools: [weatherTool] },
  ),
  'end-user': hello({ user: 'user-17' }),
  'refusal-in-history': chat([
    user('Hello.'),
    { role: 'assistant', content: [{ type: 'refusal', refusal: 'I cannot.' }] },
    user('Please.'),
  ]),
}

export const GOOGLE = { extra_content: { google: { thought_signature: CALL_SIGNATURE } } }
