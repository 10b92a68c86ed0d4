import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { anthropicMessages } from './index.ts'
import { readRequest } from './read-request.ts'
import { AnthropicReplyWriter } from './write-reply.ts'

const TYPES = ['text', 'thinking', 'redacted_thinking', 'tool_use', 'tool_result', 'image', 'document', 'x']
const SOURCES = ['base64', 'url', 'file', 'enabled', 'adaptive', 'ephemeral', 'json_schema', 'refusal']
const STATES = ['gw1.next.gemini.x', 'gw1.own.none.', 'gw1.', '{"a":1}', '']
const BLOCK_KEYS =
  'type text thinking signature data source media_type url content id name input citations cache_control'
const OTHER_KEYS =
  'tool_use_id is_error encrypted_index caller usage input_tokens cache_creation stop_reason stop_details budget_tokens'
const EVENT_KEYS = 'index message content_block delta partial_json citation error'
const EVENTS =
  'message_start content_block_start content_block_delta content_block_stop message_delta message_stop ping'

const names = (text: string): fc.Arbitrary<string> => fc.constantFrom(...text.split(' '))
const key = fc.oneof(names(BLOCK_KEYS), names(BLOCK_KEYS), names(OTHER_KEYS), names(EVENT_KEYS))

/** JSON that is nearly what it should be. */
const { value, object } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...TYPES, ...SOURCES, ...STATES, null, true, -1, 2, 1.5),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
}))

/** Only a refusal that says what is wrong may come of it. */
function allowsRefusal(act: () => void): void {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError)
  }
}

const FIELDS =
  'system tools tool_choice thinking output_config metadata cache_control temperature stop_sequences max_tokens'
const messages = fc.array(fc.record({ role: names('user assistant system x'), content: value }), {
  maxLength: 4,
})

test('any request is read and written, or refused', () => {
  const fields = fc.dictionary(names(FIELDS), value, { maxKeys: 6 })
  const models = fc.constantFrom('claude-sonnet-4-5', 'claude-opus-5', 'a-model')
  fc.assert(
    fc.property(fields, messages, models, (body, messages, model) => {
      allowsRefusal(() => {
        const once = anthropicMessages.write(readRequest({ ...body, messages }), { model }).body
        expect(() => JSON.parse(once)).not.toThrow()
      })
    }),
    { numRuns: 500 },
  )
})

test('any stream and any message is read and written, or refused', () => {
  const event = fc.tuple(names(EVENTS), object)
  fc.assert(
    fc.property(fc.array(event, { maxLength: 8 }), (events) => {
      allowsRefusal(() => {
        const reader = anthropicMessages.reader({ model: 'a-model' })
        const writer = new AnthropicReplyWriter()
        const read: ReplyEvent[] = events.flatMap(([event, data]) =>
          reader.frame({ event, data: JSON.stringify(data) }),
        )
        writer.stream(read)
        expect(() => JSON.parse(new AnthropicReplyWriter().whole(read))).not.toThrow(SyntaxError)
      })
      allowsRefusal(() => {
        const reader = anthropicMessages.reader({ model: 'a-model' })
        const content = events.map(([, block]) => block)
        reader.whole(JSON.stringify({ ...content[0], type: 'message', content }))
      })
    }),
    { numRuns: 500 },
  )
})
