import type { JsonObject } from '../../src/core/json.ts'
import {
  CALL_SIGNATURE,
  IMAGE_URL,
  PDF,
  PDF_URL,
  PERSON,
  PNG,
  REDACTED,
  SIGNATURE,
  WAV,
} from './request-cases.ts'
import type { DialectScenarios } from './support.ts'

const limit = { generationConfig: { maxOutputTokens: 1000 } }

export const said = (text: string): JsonObject => ({ text })
export const user = (...parts: JsonObject[]): JsonObject => ({ role: 'user', parts })
const model = (...parts: JsonObject[]): JsonObject => ({ role: 'model', parts })

export function chat(contents: JsonObject[], more: JsonObject = {}): JsonObject {
  return { contents, ...limit, ...more }
}

const hello = (more: JsonObject = {}): JsonObject => chat([user(said('Hello.'))], more)
const configured = (config: JsonObject): JsonObject =>
  hello({ generationConfig: { maxOutputTokens: 1000, ...config } })

const WEATHER: JsonObject = {
  name: 'get_weather',
  description: 'The weather in a city.',
  parametersJsonSchema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}
const TIME: JsonObject = {
  name: 'get_time',
  description: 'The time of day.',
  parametersJsonSchema: { type: 'object', properties: {} },
}
const tools = (...functionDeclarations: JsonObject[]): JsonObject => ({ tools: [{ functionDeclarations }] })
const choice = (functionCallingConfig: JsonObject): JsonObject => ({ toolConfig: { functionCallingConfig } })

export const call = (id: string, name: string, args: JsonObject): JsonObject => ({
  functionCall: { id, name, args },
})
export const weatherIn = (city: string, id = 'call_1'): JsonObject => call(id, 'get_weather', { city })
const result = (id: string, name: string, response: JsonObject): JsonObject => ({
  functionResponse: { id, name, response },
})
const sunny = result('call_1', 'get_weather', { output: 'Sunny, 24 degrees.' })

const weather = (...parts: JsonObject[]): JsonObject =>
  chat([user(said('How is the weather in Paris?')), model(...parts), user(sunny)], tools(WEATHER))

/** Each case's request for a Gemini provider. */
export const requests = {
  text: hello(),
  'no-limit': { contents: [user(said('Hello.'))] },
  streamed: hello(),
  conversation: chat([
    user(said('Hello, I am Ada.')),
    model(said('Hello Ada.')),
    user(said('What is my name?')),
  ]),
  system: hello({ systemInstruction: { parts: [said('Be brief.')] } }),
  developer: hello({ systemInstruction: { parts: [said('Be brief.')] } }),
  'system-late': chat([user(said('Hello.')), model(said('Hi.')), user(said('And now?'))], {
    systemInstruction: { parts: [said('Be brief.')] },
  }),
  'image-url': chat([
    user(said('What is this?'), { fileData: { fileUri: IMAGE_URL, mimeType: 'image/png' } }),
  ]),
  'image-base64': chat([user(said('What is this?'), { inlineData: { mimeType: 'image/png', data: PNG } })]),
  'image-detail': chat([
    user(said('What is this?'), { fileData: { fileUri: IMAGE_URL, mimeType: 'image/png' } }),
  ]),
  pdf: chat([user(said('Sum it up.'), { inlineData: { mimeType: 'application/pdf', data: PDF } })]),
  'pdf-url': chat([
    user(said('Sum it up.'), { fileData: { fileUri: PDF_URL, mimeType: 'application/pdf' } }),
  ]),
  'audio-in': chat([user(said('What is said?'), { inlineData: { mimeType: 'audio/wav', data: WAV } })]),
  tools: hello(tools(WEATHER, TIME)),
  'strict-tool': hello(tools(WEATHER)),
  'tool-call': weather(weatherIn('Paris')),
  'text-then-tool': weather(said('I will look.'), weatherIn('Paris')),
  'tool-without-arguments': chat(
    [
      user(said('What time is it?')),
      model(call('call_1', 'get_time', {})),
      user(result('call_1', 'get_time', { output: 'Noon.' })),
      model(said('It is noon.')),
      user(said('Thanks.')),
    ],
    tools(TIME),
  ),
  'parallel-tools': chat(
    [
      user(said('Weather and time in Paris?')),
      model(weatherIn('Paris'), call('call_2', 'get_time', {})),
      user(
        result('call_1', 'get_weather', { output: 'Sunny.' }),
        result('call_2', 'get_time', { output: 'Noon.' }),
      ),
    ],
    tools(WEATHER, TIME),
  ),
  'repeated-tools': chat(
    [
      user(said('Weather in Paris and Rome?')),
      model(weatherIn('Paris'), weatherIn('Rome', 'call_2')),
      user(
        result('call_1', 'get_weather', { output: 'Sunny.' }),
        result('call_2', 'get_weather', { output: 'Rain.' }),
      ),
    ],
    tools(WEATHER),
  ),
  'tool-result-image': chat(
    [
      user(said('How does it look?')),
      model(weatherIn('Paris')),
      user(result('call_1', 'get_weather', { output: 'A photo:' }), {
        inlineData: { mimeType: 'image/png', data: PNG },
      }),
    ],
    tools(WEATHER),
  ),
  'tool-error': chat(
    [
      user(said('How is the weather?')),
      model(weatherIn('Paris')),
      user(result('call_1', 'get_weather', { error: 'No such city.' })),
    ],
    tools(WEATHER),
  ),
  'tool-choice-auto': hello({ ...tools(WEATHER), ...choice({ mode: 'AUTO' }) }),
  'tool-choice-none': hello({ ...tools(WEATHER), ...choice({ mode: 'NONE' }) }),
  'tool-choice-required': hello({ ...tools(WEATHER), ...choice({ mode: 'ANY' }) }),
  'tool-choice-one': hello({
    ...tools(WEATHER, TIME),
    ...choice({ mode: 'ANY', allowedFunctionNames: ['get_time'] }),
  }),
  'tool-choice-some': hello({
    ...tools(WEATHER, TIME, { ...TIME, name: 'get_date' }),
    ...choice({ mode: 'ANY', allowedFunctionNames: ['get_time', 'get_date'] }),
  }),
  'one-tool-at-a-time': hello({ ...tools(WEATHER), ...choice({ mode: 'AUTO' }) }),
  structured: configured({ responseMimeType: 'application/json', responseJsonSchema: PERSON }),
  'json-mode': configured({ responseMimeType: 'application/json' }),
  sampling: configured({ temperature: 0.5, topP: 0.75, stopSequences: ['END', 'STOP'] }),
  'top-k': configured({ topK: 40 }),
  seed: configured({ seed: 7 }),
  penalties: configured({ presencePenalty: 0.5, frequencyPenalty: 0.25 }),
  candidates: configured({ candidateCount: 2 }),
  logprobs: configured({ responseLogprobs: true, logprobs: 3 }),
  'reasoning-effort': configured({ thinkingConfig: { thinkingLevel: 'MEDIUM' } }),
  'reasoning-budget': configured({ maxOutputTokens: 16_000, thinkingConfig: { thinkingBudget: 8192 } }),
  'reasoning-off': configured({ thinkingConfig: { thinkingBudget: 0 } }),
  'reasoning-adaptive': configured({ thinkingConfig: { thinkingBudget: -1 } }),
  'reasoning-with-tools': weather(
    { text: 'I need the weather.', thought: true, thoughtSignature: SIGNATURE },
    weatherIn('Paris'),
  ),
  'redacted-thinking': weather({ thought: true, thoughtSignature: REDACTED }, weatherIn('Paris')),
  'unsigned-thinking': weather({ text: 'I need the weather.', thought: true }, weatherIn('Paris')),
  'foreign-state': weather(weatherIn('Paris')),
  'signed-call': weather({ ...weatherIn('Paris'), thoughtSignature: CALL_SIGNATURE }),
  'signed-text': chat([
    user(said('Hello.')),
    model({ text: 'Hi.', thoughtSignature: SIGNATURE }),
    user(said('And now?')),
  ]),
  'cache-marks': chat([user(said('A long document.'), said('Sum it up.'))], {
    ...tools(WEATHER),
    systemInstruction: { parts: [said('A long instruction.')] },
  }),
  'refusal-in-history': chat([user(said('Hello.')), model(said('I cannot.')), user(said('Please.'))]),
} satisfies DialectScenarios['requests']
