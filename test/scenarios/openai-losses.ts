import type { ChatRequest, Message, Part } from '../../src/core/request.ts'
import { oneCacheWrite, placedAnnotations } from './reply-losses.ts'
import {
  adaptiveUnsaid,
  bothSides,
  budgetAsEffort,
  foreignSignatures,
  namedSchemasAndFiles,
  noField,
  onlyOwnThinking,
  withoutCache,
  withoutIsError,
} from './request-losses.ts'
import type { DialectScenarios } from './support.ts'

/** What OpenAI's chat completions have no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('topK', 'OpenAI has no such field'),
  withoutCache('prompts are cached without marks'),
  budgetAsEffort,
  adaptiveUnsaid,
  withoutIsError('the result of a failed call is a result like others'),
  {
    name: 'messages.toolResult.parts',
    reason: 'a result holds only text: pictures follow as the words of the user',
    without: (request) => ({ ...request, messages: withoutMediaInResults(request.messages) }),
  },
  namedSchemasAndFiles,
  onlyOwnThinking('openai', 'OpenAI takes back only what its own kind signed'),
  bothSides(foreignSignatures('openai')),
]

function withoutMediaInResults(messages: ChatRequest['messages']): Message[] {
  const kept: Message[] = []
  let media: Part[] = []
  const flush = (): void => {
    if (media.length > 0) kept.push({ role: 'user', parts: media, extras: {} })
    media = []
  }
  for (const message of messages) {
    if (message.role !== 'tool') flush()
    const parts = message.parts.map((part) => {
      if (part.type !== 'tool-result') return part
      media.push(...part.parts.filter(({ type }) => type !== 'text'))
      return { ...part, parts: part.parts.filter(({ type }) => type === 'text') }
    })
    kept.push({ ...message, parts })
  }
  flush()
  return kept
}

/** What replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [placedAnnotations, oneCacheWrite]
