import type { JsonObject, JsonValue } from '../../src/core/json.ts'
import { PDF, PERSON, PNG, REDACTED, SIGNATURE, TIME, WAV, WEATHER } from './request-cases.ts'
import type { DialectScenarios } from './support.ts'

export const said = (text: string): JsonObject => ({ text })
const user = (...content: JsonValue[]): JsonObject => ({ role: 'user', content })
const assistant = (...content: JsonValue[]): JsonObject => ({ role: 'assistant', content })

const call = (toolUseId: string, name: string, input: JsonObject = {}): JsonObject => ({
  toolUse: { toolUseId, name, input },
})

const result = (toolUseId: string, content: JsonValue[], more: JsonObject = {}): JsonObject => ({
  toolResult: { toolUseId, content, ...more },
})

function chat(messages: JsonObject[], more: JsonObject = {}): JsonObject {
  return { messages, inferenceConfig: { maxTokens: 1000 }, ...more }
}

const hello = (more: JsonObject = {}): JsonObject => chat([user(said('Hello.'))], more)
const withSettings = (more: JsonObject): JsonObject =>
  hello({ inferenceConfig: { maxTokens: 1000, ...more } })

function tool(tool: typeof WEATHER, more: JsonObject = {}): JsonObject {
  if (tool.type !== 'function') return {}
  const { name, description = '', parameters } = tool
  return { toolSpec: { name, description, inputSchema: { json: parameters }, ...more } }
}

const weatherTool = { toolConfig: { tools: [tool(WEATHER)] } }
const bothTools = { toolConfig: { tools: [tool(WEATHER), tool(TIME)] } }
const date = tool({ ...TIME, name: 'get_date' } as typeof TIME)

function choosing(toolChoice: JsonObject, tools: JsonObject[] = [tool(WEATHER)]): JsonObject {
  return hello({ toolConfig: { tools, toolChoice } })
}

const weatherIn = (...before: JsonObject[]): JsonObject =>
  chat(
    [
      user(said('How is the weather in Paris?')),
      assistant(...before, call('call_1', 'get_weather', { city: 'Paris' })),
      user(result('call_1', [said('Sunny, 24 degrees.')])),
    ],
    weatherTool,
  )
const image: JsonObject = { image: { format: 'png', source: { bytes: PNG } } }
const cachePoint = (more: JsonObject = {}): JsonObject => ({ cachePoint: { type: 'default', ...more } })

export const requests = {
  text: hello(),
  'no-limit': { messages: [user(said('Hello.'))] },
  streamed: hello(),
  conversation: chat([
    user(said('Hello, I am Ada.')),
    assistant(said('Hello Ada.')),
    user(said('What is my name?')),
  ]),
  system: hello({ system: [said('Be brief.')] }),
  developer: hello({ system: [said('Be brief.')] }),
  'system-late': chat([user(said('Hello.')), assistant(said('Hi.')), user(said('And now?'))], {
    system: [said('Be brief.')],
  }),
  'image-base64': chat([user(said('What is this?'), image)]),
  pdf: chat([
    user(said('Sum it up.'), { document: { format: 'pdf', name: 'report', source: { bytes: PDF } } }),
  ]),
  'audio-in': chat([user(said('What is said?'), { audio: { format: 'wav', source: { bytes: WAV } } })]),
  tools: hello(bothTools),
  'strict-tool': hello({ toolConfig: { tools: [tool(WEATHER, { strict: true })] } }),
  'tool-call': weatherIn(),
  'text-then-tool': weatherIn(said('I will look.')),
  'tool-without-arguments': chat(
    [
      user(said('What time is it?')),
      assistant(call('call_1', 'get_time')),
      user(result('call_1', [said('Noon.')])),
      assistant(said('It is noon.')),
      user(said('Thanks.')),
    ],
    { toolConfig: { tools: [tool(TIME)] } },
  ),
  'parallel-tools': chat(
    [
      user(said('Weather and time in Paris?')),
      assistant(call('call_1', 'get_weather', { city: 'Paris' }), call('call_2', 'get_time')),
      user(result('call_1', [said('Sunny.')]), result('call_2', [said('Noon.')])),
    ],
    bothTools,
  ),
  'repeated-tools': chat(
    [
      user(said('Weather in Paris and Rome?')),
      assistant(
        call('call_1', 'get_weather', { city: 'Paris' }),
        call('call_2', 'get_weather', { city: 'Rome' }),
      ),
      user(result('call_1', [said('Sunny.')]), result('call_2', [said('Rain.')])),
    ],
    weatherTool,
  ),
  'tool-result-image': chat(
    [
      user(said('How does it look?')),
      assistant(call('call_1', 'get_weather', { city: 'Paris' })),
      user(result('call_1', [said('A photo:'), image])),
    ],
    weatherTool,
  ),
  'tool-error': chat(
    [
      user(said('How is the weather?')),
      assistant(call('call_1', 'get_weather', { city: 'Paris' })),
      user(result('call_1', [said('No such city.')], { status: 'error' })),
    ],
    weatherTool,
  ),
  'tool-choice-auto': choosing({ auto: {} }),
  'tool-choice-none': hello(),
  'tool-choice-required': choosing({ any: {} }),
  'tool-choice-one': choosing({ tool: { name: 'get_time' } }, [tool(WEATHER), tool(TIME)]),
  'tool-choice-some': choosing({ any: {} }, [tool(TIME), date]),
  'one-tool-at-a-time': choosing({ auto: {} }),
  structured: hello({
    outputConfig: {
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { schema: JSON.stringify(PERSON), name: 'person' } },
      },
    },
  }),
  'json-mode': hello({
    system: [said('Answer with one JSON object and nothing else: no introduction, no code fence.')],
  }),
  sampling: withSettings({ temperature: 0.25, topP: 0.75, stopSequences: ['END', 'STOP'] }),
  'reasoning-budget': withSettings({ maxTokens: 16_000 }),
  'reasoning-with-tools': weatherIn({
    reasoningContent: { reasoningText: { text: 'I need the weather.', signature: SIGNATURE } },
  }),
  'redacted-thinking': weatherIn({ reasoningContent: { redactedContent: REDACTED } }),
  'unsigned-thinking': weatherIn(),
  'foreign-state': weatherIn(),
  'signed-call': weatherIn(),
  'signed-text': chat([user(said('Hello.')), assistant(said('Hi.')), user(said('And now?'))]),
  'cache-marks': chat([user(said('A long document.'), cachePoint({ ttl: '5m' }), said('Sum it up.'))], {
    system: [said('A long instruction.'), cachePoint({ ttl: '1h' })],
    toolConfig: { tools: [tool(WEATHER), cachePoint({ ttl: '1h' })] },
  }),
  'cache-request': chat([user(said('Hello.'), cachePoint())]),
  'refusal-in-history': chat([user(said('Hello.')), assistant(said('I cannot.')), user(said('Please.'))]),
} satisfies DialectScenarios['requests']
