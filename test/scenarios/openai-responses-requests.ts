import type { JsonObject, JsonValue } from '../../src/core/json.ts'
import { IMAGE_URL, PDF, PDF_URL, PERSON, PNG, REDACTED, SIGNATURE, WAV } from './request-cases.ts'
import type { DialectScenarios } from './support.ts'

const BASE: JsonObject = { model: 'a-model', store: false, include: ['reasoning.encrypted_content'] }

const says = (role: string, content: JsonValue): JsonObject => ({ role, content })
export const user = (...parts: (string | JsonObject)[]): JsonObject => {
  const [only] = parts
  const isPlain = parts.length === 1 && typeof only === 'string'
  return says('user', isPlain ? only : parts.map((part) => (typeof part === 'string' ? said(part) : part)))
}
const said = (text: string): JsonObject => ({ type: 'input_text', text })

export function chat(input: JsonObject[], more: JsonObject = {}): JsonObject {
  return { ...BASE, input, max_output_tokens: 1000, ...more }
}

const hello = (more: JsonObject = {}): JsonObject => chat([user('Hello.')], more)

const WEATHER: JsonObject = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather in a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: false,
}
const TIME: JsonObject = {
  type: 'function',
  name: 'get_time',
  description: 'The time of day.',
  parameters: { type: 'object', properties: {} },
  strict: false,
}
const tools = (...tools: JsonObject[]): JsonObject => ({ tools })

export function call(id: string, name: string, args: JsonObject): JsonObject {
  return { type: 'function_call', call_id: id, name, arguments: JSON.stringify(args) }
}

export const weatherIn = (city: string, id = 'call_1'): JsonObject => call(id, 'get_weather', { city })

function result(id: string, output: JsonValue): JsonObject {
  return { type: 'function_call_output', call_id: id, output }
}

/** A thought as it comes back, encrypted. */
export function thought(text: string, encrypted?: string): JsonObject {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }]
  return { type: 'reasoning', summary, ...(encrypted !== undefined && { encrypted_content: encrypted }) }
}

/** A question, what the model gives before its call, the call and its result. */
function weather(...before: JsonObject[]): JsonObject {
  const question = user('How is the weather in Paris?')
  return chat(
    [question, ...before, weatherIn('Paris'), result('call_1', 'Sunny, 24 degrees.')],
    tools(WEATHER),
  )
}

function failed(text: string): JsonObject {
  return chat([user('How is the weather?'), weatherIn('Paris'), result('call_1', text)], tools(WEATHER))
}

/** The body of each case, as it is written to a provider. */
export const requests = {
  text: hello(),
  'no-limit': { ...BASE, input: [user('Hello.')] },
  streamed: hello({ stream: true }),
  conversation: chat([user('Hello, I am Ada.'), says('assistant', 'Hello Ada.'), user('What is my name?')]),
  system: hello({ instructions: 'Be brief.' }),
  developer: chat([says('developer', 'Be brief.'), user('Hello.')]),
  'system-late': chat([
    user('Hello.'),
    says('assistant', 'Hi.'),
    says('system', 'Be brief.'),
    user('And now?'),
  ]),
  'image-url': chat([user('What is this?', { type: 'input_image', image_url: IMAGE_URL })]),
  'image-base64': chat([
    user('What is this?', { type: 'input_image', image_url: `data:image/png;base64,${PNG}` }),
  ]),
  'image-detail': chat([user('What is this?', { type: 'input_image', image_url: IMAGE_URL, detail: 'low' })]),
  pdf: chat([
    user('Sum it up.', {
      type: 'input_file',
      filename: 'report.pdf',
      file_data: `data:application/pdf;base64,${PDF}`,
    }),
  ]),
  'pdf-url': chat([user('Sum it up.', { type: 'input_file', file_url: PDF_URL })]),
  'audio-in': chat([
    user('What is said?', { type: 'input_audio', input_audio: { data: WAV, format: 'wav' } }),
  ]),
  tools: hello(tools(WEATHER, TIME)),
  'strict-tool': hello(tools({ ...WEATHER, strict: true })),
  'tool-call': weather(),
  'text-then-tool': weather(says('assistant', 'I will look.')),
  'tool-without-arguments': chat(
    [
      user('What time is it?'),
      call('call_1', 'get_time', {}),
      result('call_1', 'Noon.'),
      says('assistant', 'It is noon.'),
      user('Thanks.'),
    ],
    tools(TIME),
  ),
  'parallel-tools': chat(
    [
      user('Weather and time in Paris?'),
      weatherIn('Paris'),
      call('call_2', 'get_time', {}),
      result('call_1', 'Sunny.'),
      result('call_2', 'Noon.'),
    ],
    tools(WEATHER, TIME),
  ),
  'repeated-tools': chat(
    [
      user('Weather in Paris and Rome?'),
      weatherIn('Paris'),
      weatherIn('Rome', 'call_2'),
      result('call_1', 'Sunny.'),
      result('call_2', 'Rain.'),
    ],
    tools(WEATHER),
  ),
  'tool-result-image': chat(
    [
      user('How does it look?'),
      weatherIn('Paris'),
      result('call_1', [
        said('A photo:'),
        { type: 'input_image', image_url: `data:image/png;base64,${PNG}` },
      ]),
    ],
    tools(WEATHER),
  ),
  'tool-error': failed('No such city.'),
  'tool-choice-auto': hello({ ...tools(WEATHER), tool_choice: 'auto' }),
  'tool-choice-none': hello({ ...tools(WEATHER), tool_choice: 'none' }),
  'tool-choice-required': hello({ ...tools(WEATHER), tool_choice: 'required' }),
  'tool-choice-one': hello({ ...tools(WEATHER, TIME), tool_choice: { type: 'function', name: 'get_time' } }),
  'tool-choice-some': hello({
    ...tools(WEATHER, TIME, { ...TIME, name: 'get_date' }),
    tool_choice: {
      type: 'allowed_tools',
      mode: 'required',
      tools: [
        { type: 'function', name: 'get_time' },
        { type: 'function', name: 'get_date' },
      ],
    },
  }),
  'one-tool-at-a-time': hello({ ...tools(WEATHER), tool_choice: 'auto', parallel_tool_calls: false }),
  structured: hello({
    text: { format: { type: 'json_schema', name: 'person', schema: PERSON, strict: true } },
  }),
  'json-mode': hello({ text: { format: { type: 'json_object' } } }),
  sampling: hello({ temperature: 0.5, top_p: 0.75 }),
  logprobs: hello({
    include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
    top_logprobs: 3,
  }),
  'reasoning-effort': hello({ reasoning: { effort: 'medium' } }),
  'reasoning-budget': hello({ max_output_tokens: 16_000, reasoning: { effort: 'medium' } }),
  'reasoning-off': hello({ reasoning: { effort: 'none' } }),
  'reasoning-with-tools': weather(thought('I need the weather.', SIGNATURE)),
  'redacted-thinking': weather(thought('', REDACTED)),
  'unsigned-thinking': weather(),
  'foreign-state': weather(),
  'signed-call': weather(),
  'signed-text': chat([user('Hello.'), says('assistant', 'Hi.'), user('And now?')]),
  'cache-marks': chat([user('A long document.', 'Sum it up.')], {
    ...tools(WEATHER),
    instructions: 'A long instruction.',
  }),
  'end-user': hello({ user: 'user-17' }),
  'refusal-in-history': chat([
    user('Hello.'),
    says('assistant', [{ type: 'refusal', refusal: 'I cannot.' }]),
    user('Please.'),
  ]),
} satisfies DialectScenarios['requests']
