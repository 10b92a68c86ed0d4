import { findMarkers } from './marker.ts'
import type { Outcome } from './outcome.ts'

/** Every client that stayed has a proper answer or a proper error, in time, and nothing of anyone else's. */
export function checkAnswers(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((outcome) => [...checkEnd(outcome), ...checkMarkers(outcome)])
}

function checkEnd({ shot, end, status, verdict, totalMs }: Outcome): string[] {
  const what = `${shot.marker} (${shot.dialect}${shot.stream ? ', streamed' : ''})`
  const after = `after ${Math.round(totalMs)} ms with status ${status}`
  if (end === 'left') return []
  if (end === 'late') return [`${what} had no end within its deadline, ${after}`]
  if (end === 'broken') return [`${what} lost its connection ${after}`]
  return verdict.kind === 'malformed' ? [`${what} got no proper answer: ${verdict.message}, ${after}`] : []
}

function checkMarkers({ shot, headers, body }: Outcome): string[] {
  const text = JSON.stringify(headers) + body.toString('utf8')
  return findMarkers(text)
    .filter((marker) => marker !== shot.marker)
    .map((marker) => `${shot.marker} got something of ${marker}`)
}
