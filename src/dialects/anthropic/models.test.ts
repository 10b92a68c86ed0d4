import { expect, test } from 'vitest'
import { traitsOf } from './models.ts'

test.each([
  ['claude-2.1', 'never', true],
  ['claude-instant-1.2', 'never', true],
  ['claude-3-5-sonnet-20241022', 'never', true],
  ['claude-3-5-haiku-latest', 'never', true],
  ['claude-3-7-sonnet-20250219', 'by-budget', true],
  ['claude-sonnet-4-20250514', 'by-budget', true],
  ['claude-opus-4-1-20250805', 'by-budget', true],
  ['claude-haiku-4-5@20251001', 'by-budget', true],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'by-budget', true],
  ['anthropic/claude-sonnet-4.6', 'either-way', true],
  ['claude-opus-4-7', 'by-effort', false],
  ['claude-opus-4-8-20260601', 'by-effort', false],
  ['claude-sonnet-5', 'by-effort', false],
  ['claude-haiku-5-5', 'by-effort', false],
  ['claude-mythos-preview', 'by-effort', false],
  ['a-model-of-another-maker', 'either-way', true],
  [null, 'either-way', true],
] as const)('%s thinks %s, and takes a temperature: %s', (model, thinks, takesSampling) => {
  expect(traitsOf(model)).toMatchObject({ thinks, takesSampling })
})

test.each([
  ['claude-opus-4-5', ['low', 'medium', 'high']],
  ['claude-sonnet-4-5', []],
  ['claude-sonnet-4-6', ['low', 'medium', 'high', 'max']],
  ['claude-opus-5', ['low', 'medium', 'high', 'xhigh', 'max']],
])('%s knows the efforts %j', (model, efforts) => {
  expect(traitsOf(model).efforts).toEqual(efforts)
})

test.each([
  ['claude-opus-5', false, true],
  ['claude-sonnet-5-5', true, false],
  ['claude-haiku-5-5', false, true],
  ['claude-fable-5', true, true],
  ['claude-fable-5-1', true, false],
])('%s always thinks: %s, may be forced to a tool: %s', (model, alwaysThinks, takesForcedTool) => {
  expect(traitsOf(model)).toMatchObject({ alwaysThinks, takesForcedTool })
})

test.each([
  ['claude-sonnet-4-20250514', false, true],
  ['claude-opus-4-1', true, false],
  ['claude-haiku-4-5', true, false],
])('%s takes schemas: %s, and temperature with top_p: %s', (model, takesSchemas, takesBoth) => {
  expect(traitsOf(model)).toMatchObject({ takesSchemas, takesTemperatureWithTopP: takesBoth })
})
