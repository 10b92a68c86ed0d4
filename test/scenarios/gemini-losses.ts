import type { CollectedPart } from '../../src/core/collect.ts'
import { withoutCitedText, withoutStopSequence } from './reply-losses.ts'
import {
  alwaysParallel,
  bothSides,
  developerAsSystem,
  foreignSignatures,
  foreignThinking,
  instructionsFirst,
  mediaAfterResults,
  noField,
  refusalAsText,
  schemaAlone,
  withoutCache,
  withoutDetail,
  withoutStrict,
} from './request-losses.ts'
import { mapParts, type DialectScenarios } from './support.ts'

/** What Gemini's requests have no place for. */
export const requestLosses: DialectScenarios['requestLosses'] = [
  noField('logitBias', 'Gemini biases no tokens'),
  noField('endUser', 'Gemini is not told of end users'),
  alwaysParallel('Gemini always may call several tools at once'),
  withoutCache('Gemini caches by itself, and by handles that are made beforehand'),
  withoutStrict('functions are not declared strict'),
  schemaAlone,
  withoutDetail('how closely to look is a setting of its own kind'),
  {
    name: 'messages.file.name',
    reason: 'data in a request has no name',
    without: (request) =>
      mapParts(request, (part) => {
        if (part.type !== 'file') return part
        const { name: _name, ...rest } = part
        return rest
      }),
  },
  refusalAsText,
  developerAsSystem,
  instructionsFirst,
  mediaAfterResults(
    'results hold pictures from Gemini 3 on; other models see them after the result',
    ({ type }) => type !== 'text',
  ),
  // On both sides: the writing of this case cannot be what a client reads it from. Unit tests read tagged state.
  bothSides(foreignThinking('gemini')),
  foreignSignatures('gemini'),
]

/** What Gemini's replies have no place for. */
export const replyLosses: DialectScenarios['replyLosses'] = [
  {
    name: '',
    reason: 'a refusal is a text, where it is not the message of a filter',
    without: ({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map((candidate) =>
        candidate.end?.reason === 'content_filter'
          ? candidate
          : { ...candidate, parts: candidate.parts.map(asText) },
      ),
    }),
  },
  withoutStopSequence,
  {
    name: '',
    reason: 'a token has no bytes of its own',
    without: ({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map((candidate) => ({
        ...candidate,
        logprobs: candidate.logprobs.map(({ token, logprob, alternatives }) => ({
          token,
          logprob,
          alternatives: alternatives.map(({ bytes: _bytes, ...alternative }) => alternative),
        })),
      })),
    }),
  },
  withoutCitedText,
  {
    name: '',
    reason: 'what is written to a cache is not counted',
    without: ({ usage, ...rest }) => {
      const { cacheWriteTokens: _short, cacheWrite1hTokens: _long, ...kept } = usage
      return { ...rest, usage: kept }
    },
  },
]

function asText(part: CollectedPart): CollectedPart {
  return part.kind === 'refusal' ? { ...part, kind: 'text' } : part
}
