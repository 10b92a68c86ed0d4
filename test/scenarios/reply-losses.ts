import type { CollectedReply } from '../../src/core/collect.ts'
import { mapCandidates, mapReplyParts, type Loss } from './support.ts'

type ReplyLoss = Loss<CollectedReply>

/** What a model refused reads like what it said. */
export const refusedAsText: ReplyLoss = {
  name: '',
  reason: 'a refusal is a text',
  without: (reply) =>
    mapReplyParts(reply, (part) => (part.kind === 'refusal' ? { ...part, kind: 'text' } : part)),
}

/** No candidate but the first. */
export const oneAnswer: ReplyLoss = {
  name: '',
  reason: 'there is one answer',
  without: ({ candidates, ...rest }) => ({ ...rest, candidates: candidates.slice(0, 1) }),
}

/** An end does not say which sequence it stopped at. */
export const withoutStopSequence: ReplyLoss = {
  name: '',
  reason: 'the stop sequence is not said',
  without: (reply) =>
    mapCandidates(reply, ({ end, ...candidate }) => {
      if (!end) return candidate
      const { stopSequence: _sequence, ...kept } = end
      return { ...candidate, end: kept }
    }),
}

/** No part is a picture or a sound. */
export function withoutMedia(reason: string): ReplyLoss {
  return {
    name: '',
    reason,
    without: (reply) => mapReplyParts(reply, (part) => (part.kind === 'media' ? undefined : part)),
  }
}

/** Annotations do not quote their source. */
export const withoutCitedText: ReplyLoss = {
  name: '',
  reason: 'sources are named but not quoted',
  without: (reply) =>
    mapReplyParts(reply, (part) => ({
      ...part,
      annotations: part.annotations.map(({ citedText: _text, ...annotation }) => annotation),
    })),
}

/** Annotations that give no place get the whole text. */
export const placedAnnotations: ReplyLoss = {
  name: '',
  reason: 'a source always says where it belongs, if only to all of the text',
  side: 'client',
  without: (reply) =>
    mapReplyParts(reply, (part) => ({
      ...part,
      annotations: part.annotations.map((annotation) => ({
        start: 0,
        end: part.text.length,
        ...annotation,
      })),
    })),
}

/** Caches of an hour are counted with the short ones. */
export const oneCacheWrite: ReplyLoss = {
  name: '',
  reason: 'what is written to a cache is counted whatever its time',
  without: ({ usage, ...rest }) => {
    const { cacheWrite1hTokens, ...kept } = usage
    if (cacheWrite1hTokens === undefined) return { usage, ...rest }
    return {
      ...rest,
      usage: { ...kept, cacheWriteTokens: (kept.cacheWriteTokens ?? 0) + cacheWrite1hTokens },
    }
  },
}

/** A provider's models sign nothing but their thinking. */
export function unsignedAnswers(reason: string): ReplyLoss {
  return {
    name: '',
    reason,
    side: 'provider',
    without: (reply) =>
      mapReplyParts(reply, (part) => {
        if (part.kind !== 'tool-call' && part.kind !== 'text') return part
        const { state: _state, ...rest } = part
        return rest
      }),
  }
}
