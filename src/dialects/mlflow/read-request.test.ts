import { describe, expect, test } from 'vitest'
import {
  MODEL_REFUSED,
  N_REFUSED,
  NULL,
  mistake,
  read,
  refusal,
} from '../../../test/support/mlflow-reading.ts'
import { readChat, type Contract } from './read-request.ts'

const CHAT = { messages: [{ role: 'user', content: 'hi' }] }
const CONTRACTS: Contract[] = ['seed', '2.5', '2.9']

describe('a body', () => {
  test.each<[string, string, unknown]>([
    ['nothing', '', mistake([], 'field required', 'value_error.missing')],
    ['null', 'null', mistake([], 'field required', 'value_error.missing')],
    ['a text', '"hi"', mistake([], 'value is not a valid dict', 'type_error.dict')],
    ['a number', '5', mistake([], 'value is not a valid dict', 'type_error.dict')],
    ['a list', '[1]', mistake([], 'value is not a valid dict', 'type_error.dict')],
    [
      'an empty list, which counts as an empty mapping',
      '[]',
      mistake(['messages'], 'field required', 'value_error.missing'),
    ],
    [
      'broken JSON',
      '{bad',
      [
        422,
        [
          {
            loc: ['body', 1],
            msg: 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)',
            type: 'value_error.jsondecode',
            ctx: {
              msg: 'Expecting property name enclosed in double quotes',
              doc: '{bad',
              pos: 1,
              lineno: 1,
              colno: 2,
            },
          },
        ],
      ],
    ],
  ])('that is %s is refused in every contract', (_what, body, expected) => {
    for (const contract of CONTRACTS) expect(refusal(readChat, contract, body)).toEqual(expected)
  })

  test('is quoted only in part when it is long', () => {
    expect(JSON.stringify(refusal(readChat, '2.5', `{"a":"${'x'.repeat(5000)}`)).length).toBeLessThan(1300)
  })

  test.each([
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['Application/JSON', true],
    ['application/vnd.api+json', true],
    [undefined, true],
    ['text/plain', false],
    ['application/x-www-form-urlencoded', false],
    ['application/jsonp', false],
    ['text/json', false],
    ['', false],
  ])('of type %j counts as JSON: %s', (contentType, accepted) => {
    const reading = (): unknown => readChat('2.5', Buffer.from(JSON.stringify(CHAT)), contentType)
    if (accepted) expect(reading).not.toThrow()
    else
      expect(reading).toThrow(
        expect.objectContaining({ status: 422, message: 'body: value is not a valid dict' }),
      )
  })
})

describe('a chat', () => {
  test.each<[unknown, unknown]>([
    [{}, mistake(['messages'], 'field required', 'value_error.missing')],
    [{ messages: null }, mistake(['messages'], ...NULL)],
    [{ messages: 'hi' }, mistake(['messages'], 'value is not a valid list', 'type_error.list')],
    [
      { messages: [] },
      mistake(['messages'], 'ensure this value has at least 1 items', 'value_error.list.min_items', 1),
    ],
    [{ messages: ['hi'] }, mistake(['messages', 0], 'value is not a valid dict', 'type_error.dict')],
    [
      { messages: [{ role: 'user' }] },
      mistake(['messages', 0, 'content'], 'field required', 'value_error.missing'),
    ],
    [{ messages: [{ role: 'user', content: null }] }, mistake(['messages', 0, 'content'], ...NULL)],
    [{ messages: [{ role: null, content: 'a' }] }, mistake(['messages', 0, 'role'], ...NULL)],
    [
      { messages: [{ content: 'a' }] },
      mistake(['messages', 0, 'role'], 'field required', 'value_error.missing'),
    ],
    [
      { ...CHAT, stop: [] },
      mistake(['stop'], 'ensure this value has at least 1 items', 'value_error.list.min_items', 1),
    ],
    [{ ...CHAT, stop: 'END' }, mistake(['stop'], 'value is not a valid list', 'type_error.list')],
    [{ ...CHAT, temperature: null }, mistake(['temperature'], ...NULL)],
    [
      { ...CHAT, temperature: 'hot' },
      mistake(['temperature'], 'value is not a valid float', 'type_error.float'),
    ],
    [
      { ...CHAT, temperature: -0.1 },
      mistake(
        ['temperature'],
        'ensure this value is greater than or equal to 0',
        'value_error.number.not_ge',
        0,
      ),
    ],
    [{ ...CHAT, model: 'gpt-4' }, MODEL_REFUSED],
    [{ ...CHAT, model: null }, MODEL_REFUSED],
  ])('%j is refused in every contract', (body, expected) => {
    for (const contract of CONTRACTS) expect(refusal(readChat, contract, body)).toEqual(expected)
  })

  test.each<[Contract, object, unknown]>([
    [
      '2.5',
      { temperature: 1.5 },
      mistake(
        ['temperature'],
        'ensure this value is less than or equal to 1',
        'value_error.number.not_le',
        1,
      ),
    ],
    [
      '2.9',
      { temperature: 2.1 },
      mistake(
        ['temperature'],
        'ensure this value is less than or equal to 2',
        'value_error.number.not_le',
        2,
      ),
    ],
    ['2.9', { temperature: 2 }, undefined],
    [
      '2.5',
      { max_tokens: 0 },
      mistake(
        ['max_tokens'],
        'ensure this value is greater than or equal to 1',
        'value_error.number.not_ge',
        1,
      ),
    ],
    [
      '2.9',
      { max_tokens: 0 },
      mistake(
        ['max_tokens'],
        'ensure this value is greater than or equal to 1',
        'value_error.number.not_ge',
        1,
      ),
    ],
    ['seed', { max_tokens: 0 }, undefined],
    ['2.5', { max_tokens: null, stop: null }, undefined],
    [
      '2.5',
      { candidate_count: 0 },
      mistake(
        ['candidate_count'],
        'ensure this value is greater than or equal to 1',
        'value_error.number.not_ge',
        1,
      ),
    ],
    [
      '2.5',
      { candidate_count: 6 },
      mistake(
        ['candidate_count'],
        'ensure this value is less than or equal to 5',
        'value_error.number.not_le',
        5,
      ),
    ],
    [
      '2.9',
      { n: 0 },
      mistake(['n'], 'ensure this value is greater than or equal to 1', 'value_error.number.not_ge', 1),
    ],
    ['2.9', { n: 9 }, undefined],
    ['seed', { n: 1 }, N_REFUSED],
    ['2.5', { n: 1 }, N_REFUSED],
  ])('in contract %s with %j gives %j', (contract, more, expected) => {
    expect(refusal(readChat, contract, { ...CHAT, ...more })).toEqual(expected)
  })

  test('tells the mistakes of the schema before those of the contract', () => {
    expect(refusal(readChat, '2.5', { model: 'm', n: 1 })).toEqual(
      mistake(['messages'], 'field required', 'value_error.missing'),
    )
  })

  test('tells all mistakes at once', () => {
    const body = { messages: [{ role: 'user' }], temperature: 'hot', candidate_count: 9 }
    expect(refusal(readChat, '2.5', body)).toMatchObject([
      422,
      [
        { loc: ['body', 'temperature'] },
        { loc: ['body', 'candidate_count'] },
        { loc: ['body', 'messages', 0, 'content'] },
      ],
    ])
  })

  test.each(CONTRACTS)("has MLflow's defaults in contract %s", (contract) => {
    expect(read(readChat, contract, CHAT).chat()).toEqual({
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }], extras: {} }],
      stream: false,
      temperature: 0,
      temperatureIsDefault: true,
      candidates: 1,
      extras: {},
    })
  })

  test.each<[Contract, number, number]>([
    ['seed', 0.5, 1],
    ['2.5', 1, 2],
    ['2.9', 0.5, 0.5],
  ])('in contract %s has its temperature %d on the scale from 0 to 2', (contract, temperature, expected) => {
    expect(read(readChat, contract, { ...CHAT, temperature }).chat()).toMatchObject({
      temperature: expected,
      temperatureIsDefault: false,
    })
  })

  test('carries all that it asks for, and unknown fields as they came', () => {
    const parameters = { type: 'object' }
    const body = {
      ...CHAT,
      candidate_count: 2,
      stop: ['END'],
      max_tokens: 7,
      stream: true,
      top_p: 0.9,
      tools: [{ type: 'function', function: { name: 'f', parameters } }],
      tool_choice: 'auto',
      seed: 3,
      nothing: null,
      best_of: 2,
    }
    expect(read(readChat, '2.5', body).chat()).toMatchObject({
      candidates: 2,
      stop: ['END'],
      maxTokens: 7,
      stream: true,
      topP: 0.9,
      tools: [{ name: 'f', parameters }],
      toolChoice: { type: 'auto' },
      seed: 3,
      extras: { nothing: null, best_of: 2 },
    })
    expect(Object.keys(read(readChat, '2.5', body).chat().extras)).toEqual(['nothing', 'best_of'])
  })

  test('leaves to the provider what it cannot read', () => {
    const body = { ...CHAT, tools: [{ type: 'web_search' }], tool_choice: { type: 'any' }, top_p: 'high' }
    const { extras, tools, toolChoice, topP } = read(readChat, '2.9', body).chat()
    expect(extras).toEqual({ tools: [{ type: 'web_search' }], tool_choice: { type: 'any' }, top_p: 'high' })
    expect([tools, toolChoice, topP]).toEqual([undefined, undefined, undefined])
  })

  test('reads numbers for texts, as pydantic does', () => {
    expect(read(readChat, '2.5', { messages: [{ role: 1, content: 2, name: 3 }] }).chat().messages).toEqual([
      { role: '1', parts: [{ type: 'text', text: '2' }], extras: { name: 3 } },
    ])
  })

  test('may have a list of parts since 2.9, and only since then', () => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'a' }] }]
    expect(read(readChat, '2.9', { messages }).chat().messages[0]?.parts).toEqual([
      { type: 'text', text: 'a' },
    ])
    expect(refusal(readChat, '2.5', { messages })).toEqual(
      mistake(['messages', 0, 'content'], 'str type expected', 'type_error.str'),
    )
  })

  test('may have null beside tool calls since 2.9, and only since then', () => {
    const tool_calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }]
    const messages = [{ role: 'assistant', content: null, tool_calls }]
    expect(read(readChat, '2.9', { messages }).chat().messages[0]?.parts).toEqual([
      { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
    ])
    expect(refusal(readChat, '2.5', { messages })).toEqual(mistake(['messages', 0, 'content'], ...NULL))
  })

  test.each([
    [{}, false, false],
    [{ stream: true }, true, false],
    [{ stream: 'yes' }, true, false],
    [{ stream: true, stream_options: { include_usage: true } }, true, true],
    [{ stream: true, stream_options: { include_usage: false } }, true, false],
    [{ stream: true, stream_options: null }, true, false],
  ])('with %j streams: %s, and shows the usage: %s', (more, stream, showsUsage) => {
    const request = read(readChat, '2.9', { ...CHAT, ...more })
    expect(request.stream).toBe(stream)
    const written = request
      .writer()
      .stream([{ type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } }, { type: 'reply-end' }])
    expect(written.includes('"usage"')).toBe(showsUsage)
  })
})

describe('the bytes of a chat', () => {
  const passed = (
    body: string,
    model: string | null = 'gpt-4o',
    contract: Contract = '2.9',
  ): string | undefined => read(readChat, contract, body).passThrough('openai-chat', { model })?.toString()
  const MESSAGES = '"messages":[{"role":"user","content":"hi"}]'

  test('go on as they came, with the model and the two defaults in front', () => {
    expect(passed(`{ ${MESSAGES} , "big": 12345678901234567890 }\n`)).toBe(
      `{"model":"gpt-4o","temperature":0,"n":1, ${MESSAGES} , "big": 12345678901234567890 }\n`,
    )
  })

  test('keep what the client chose', () => {
    expect(passed(`{${MESSAGES},"temperature":0.7,"n":2}`)).toBe(
      `{"model":"gpt-4o",${MESSAGES},"temperature":0.7,"n":2}`,
    )
  })

  test('get no model where the provider has its own', () => {
    expect(passed(`{${MESSAGES}}`, null)).toBe(`{"temperature":0,"n":1,${MESSAGES}}`)
  })

  test('leave the model out where the URL has it', () => {
    const target = { model: 'o3-mini', omitsModel: true }
    expect(read(readChat, '2.9', CHAT).passThrough('openai-chat', target)?.toString()).toBe(
      `{"n":1,${JSON.stringify(CHAT).slice(1)}`,
    )
  })

  test('get no temperature for a model that takes none', () => {
    expect(passed(`{${MESSAGES}}`, 'o3-mini')).toBe(`{"model":"o3-mini","n":1,${MESSAGES}}`)
    expect(passed(`{${MESSAGES},"max_tokens":5}`, 'o3-mini')).toBeUndefined()
  })

  test.each([
    ['another contract', '2.5', `{${MESSAGES}}`],
    ['a text that was a number', '2.9', '{"messages":[{"role":"user","content":5}]}'],
    ['a number that was a text', '2.9', `{${MESSAGES},"temperature":"0.5"}`],
    ['a fraction where a whole number belongs', '2.9', `{${MESSAGES},"n":1.5}`],
    ['a word where a boolean belongs', '2.9', `{${MESSAGES},"stream":"yes"}`],
  ] as const)('do not go on when there is %s', (_what, contract, body) => {
    expect(passed(body, 'gpt-4o', contract)).toBeUndefined()
  })

  test('do not go to another format', () => {
    expect(read(readChat, '2.9', CHAT).passThrough('anthropic-messages', { model: 'm' })).toBeUndefined()
  })
})
