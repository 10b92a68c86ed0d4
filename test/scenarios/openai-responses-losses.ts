import type { TokenLogprob } from '../../src/core/events.ts'
import {
  oneAnswer,
  oneCacheWrite,
  placedAnnotations,
  unsignedAnswers,
  withoutCitedText,
  withoutStopSequence,
} from './reply-losses.ts'
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

/** What the Responses API has no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('topK', 'there is no such field'),
  noField('stop', 'there is no such field'),
  noField('seed', 'there is no such field'),
  noField('presencePenalty', 'there is no such field'),
  noField('frequencyPenalty', 'there is no such field'),
  noField('logitBias', 'there is no such field'),
  withoutCache('prompts are cached without marks'),
  budgetAsEffort,
  adaptiveUnsaid,
  withoutIsError('the result of a failed call is a result like others'),
  namedSchemasAndFiles,
  onlyOwnThinking('openai-responses', 'only encrypted thoughts of its own models are taken back'),
  bothSides(foreignSignatures('openai-responses')),
]

/** What responses have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
  withoutStopSequence,
  withoutCitedText,
  placedAnnotations,
  oneCacheWrite,
  oneAnswer,
  {
    name: '',
    reason: 'tokens have bytes, even when a provider gave none',
    side: 'client',
    without: ({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map((candidate) => ({
        ...candidate,
        logprobs: candidate.logprobs.map((token) => ({
          ...withBytes(token),
          alternatives: token.alternatives.map(withBytes),
        })),
      })),
    }),
  },
  unsignedAnswers('models of this API sign neither calls nor texts'),
]

function withBytes<Token extends Pick<TokenLogprob, 'token' | 'bytes'>>(token: Token): Token {
  return { ...token, bytes: token.bytes ?? [...Buffer.from(token.token)] }
}
