import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, Message, Part } from '../../core/request.ts'
import { writeChat } from './write-request.ts'

const BUDGET = 'claude-sonnet-4-5'
const EITHER = 'claude-sonnet-4-6'
const EFFORT = 'claude-opus-5'
const ALWAYS = 'claude-sonnet-5-5'

function says(role: string, ...parts: Part[]): Message {
  return { role, parts, extras: {} }
}

function write(fields: Partial<ChatRequest>, model: string): JsonObject {
  const messages = [says('user', { type: 'text', text: 'Hi' })]
  const written = writeChat({ messages, stream: false, extras: {}, ...fields }, { model })
  const { thinking, output_config, max_tokens, tool_choice, temperature, top_p, top_k }: JsonObject =
    JSON.parse(written.body)
  const all = { thinking, output_config, max_tokens, tool_choice, temperature, top_p, top_k }
  const said = Object.entries(all).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(said), dropped: written.dropped }
}

const enabled = (budget: number): JsonObject => ({ type: 'enabled', budget_tokens: budget })
const ADAPTIVE = { type: 'adaptive' }

describe('thinking', () => {
  test.each<[string, Partial<ChatRequest>, string, JsonObject]>([
    [
      'an effort is a budget',
      { reasoning: { effort: 'medium' } },
      BUDGET,
      { thinking: enabled(8192), max_tokens: 32_000, dropped: [] },
    ],
    [
      'an effort leaves room for the answer',
      { reasoning: { effort: 'high' }, maxTokens: 10_000 },
      BUDGET,
      { thinking: enabled(8000), max_tokens: 10_000, dropped: [] },
    ],
    [
      'a budget is kept while it fits',
      { reasoning: { budgetTokens: 9000 }, maxTokens: 10_000 },
      BUDGET,
      { thinking: enabled(9000), max_tokens: 10_000, dropped: [] },
    ],
    [
      'a budget larger than the answer is cut',
      { reasoning: { budgetTokens: 20_000 }, maxTokens: 10_000 },
      BUDGET,
      { thinking: enabled(8000), max_tokens: 10_000, dropped: ['reasoning.budgetTokens'] },
    ],
    [
      'a small budget becomes the least one',
      { reasoning: { budgetTokens: 100 } },
      BUDGET,
      { thinking: enabled(1024), max_tokens: 32_000, dropped: ['reasoning.budgetTokens'] },
    ],
    [
      'a short answer has no room for it',
      { reasoning: { effort: 'low' }, maxTokens: 1000 },
      BUDGET,
      { max_tokens: 1000, dropped: ['reasoning'] },
    ],
    [
      "Anthropic's own budgets are its client's business",
      { reasoning: { budgetTokens: 20_000 }, maxTokens: 10_000, extrasDialect: 'anthropic' },
      BUDGET,
      { thinking: enabled(20_000), max_tokens: 10_000, dropped: [] },
    ],
    [
      'what adapts gets a budget where it must',
      { reasoning: { isAdaptive: true } },
      BUDGET,
      { thinking: enabled(8192), max_tokens: 32_000, dropped: ['reasoning.isAdaptive'] },
    ],
    [
      'an effort is one where the model adapts',
      { reasoning: { effort: 'medium', shows: 'summary' } },
      EITHER,
      {
        thinking: { type: 'adaptive', display: 'summarized' },
        output_config: { effort: 'medium' },
        max_tokens: 32_000,
        dropped: [],
      },
    ],
    [
      'a budget is still one where the model takes both',
      { reasoning: { budgetTokens: 2000, shows: 'nothing' } },
      EITHER,
      { thinking: { ...enabled(2000), display: 'omitted' }, max_tokens: 32_000, dropped: [] },
    ],
    [
      'a budget is an effort for the newest',
      { reasoning: { budgetTokens: 2000 } },
      EFFORT,
      {
        thinking: ADAPTIVE,
        output_config: { effort: 'medium' },
        max_tokens: 32_000,
        dropped: ['reasoning.budgetTokens'],
      },
    ],
    [
      'an effort that the model lacks is the next lower one',
      { reasoning: { effort: 'xhigh' } },
      EITHER,
      {
        thinking: ADAPTIVE,
        output_config: { effort: 'high' },
        max_tokens: 32_000,
        dropped: ['reasoning.effort'],
      },
    ],
    [
      'the least effort is low',
      { reasoning: { effort: 'minimal' } },
      EFFORT,
      {
        thinking: ADAPTIVE,
        output_config: { effort: 'low' },
        max_tokens: 32_000,
        dropped: ['reasoning.effort'],
      },
    ],
    [
      "an effort alone turns nothing on for Anthropic's own clients",
      { reasoning: { effort: 'low' }, extrasDialect: 'anthropic' },
      EITHER,
      { output_config: { effort: 'low' }, max_tokens: 8192, dropped: [] },
    ],
    [
      'models that cannot think do not',
      { reasoning: { effort: 'high' } },
      'claude-3-5-haiku-latest',
      { max_tokens: 8192, dropped: ['reasoning'] },
    ],
    [
      'it is turned off',
      { reasoning: { effort: 'none' } },
      EFFORT,
      { thinking: { type: 'disabled' }, max_tokens: 8192, dropped: [] },
    ],
    [
      'it is not turned off where it cannot be',
      { reasoning: { budgetTokens: 0 } },
      ALWAYS,
      { max_tokens: 8192, dropped: ['reasoning'] },
    ],
    [
      'it gives way to a tool that must be used',
      { reasoning: { effort: 'low' }, toolChoice: { type: 'required' } },
      EFFORT,
      {
        output_config: { effort: 'low' },
        tool_choice: { type: 'any' },
        max_tokens: 8192,
        dropped: ['reasoning'],
      },
    ],
    [
      'a model that always thinks is not forced to a tool',
      { reasoning: { effort: 'low' }, toolChoice: { type: 'tool', name: 'f' } },
      ALWAYS,
      {
        thinking: ADAPTIVE,
        output_config: { effort: 'low' },
        tool_choice: { type: 'auto' },
        max_tokens: 32_000,
        dropped: ['toolChoice'],
      },
    ],
  ])('%s', (_name, fields, model, expected) => {
    expect(write(fields, model)).toEqual(expected)
  })

  const call: Part = { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' }
  const thought: Part = { type: 'thinking', text: 'F.', state: { dialect: 'anthropic', data: 'c2ln' } }
  const result: Part = { type: 'tool-result', callId: 'a', parts: [] }

  test.each([
    ['without it', [call], BUDGET, undefined],
    ['with it', [thought, call], BUDGET, enabled(8192)],
    ['without it, to a model that adapts', [call], EITHER, ADAPTIVE],
  ])('with a turn that began %s goes on so', (_name, parts, model, thinking) => {
    const messages = [says('user'), says('assistant', ...parts), says('tool', result)]
    const written = write({ messages, reasoning: { effort: 'medium' } }, model)
    expect(written['thinking']).toEqual(thinking)
    expect(written['dropped']).toEqual(thinking ? [] : ['reasoning'])
  })
})

describe('sampling', () => {
  const all: Partial<ChatRequest> = { temperature: 1, topP: 0.9, topK: 5 }

  test.each<[string, Partial<ChatRequest>, string, JsonObject]>([
    [
      'old models take all of it',
      all,
      'claude-3-5-haiku-latest',
      { temperature: 0.5, top_p: 0.9, top_k: 5, dropped: [] },
    ],
    ['later ones one of two', all, BUDGET, { temperature: 0.5, top_k: 5, dropped: ['topP'] }],
    ['the newest none', all, EFFORT, { dropped: ['temperature', 'topP', 'topK'] }],
    [
      'nor does one that thinks',
      { ...all, reasoning: { effort: 'low' } },
      EITHER,
      { dropped: ['temperature', 'topP', 'topK'] },
    ],
    [
      'but for what changes little',
      { temperature: 2, reasoning: { effort: 'low' } },
      BUDGET,
      { temperature: 1, dropped: [] },
    ],
    [
      'or very little',
      { topP: 0.95, extras: { thinking: enabled(2000) } },
      BUDGET,
      { top_p: 0.95, dropped: [] },
    ],
  ])('%s', (_name, fields, model, expected) => {
    const {
      thinking: _thinking,
      output_config: _output,
      max_tokens: _max,
      ...sampling
    } = write(fields, model)
    expect(sampling).toEqual(expected)
  })
})
