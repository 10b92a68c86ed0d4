import { FEATURES } from '../../test/scenarios/conformance.ts'
import { CLIENTS, type ConformanceRow } from './conformance.ts'
import { code, table } from './markdown.ts'

/** What every client dialect may expect of every provider, in Markdown. */
export function conformancePage(rows: readonly ConformanceRow[], command: string): string {
  const sections = [
    `<!-- Generated from the scenario table by \`${command}\`. Do not edit. -->`,
    '# Conformance',
    'What an application that speaks one dialect may expect of a provider that speaks another.',
    LEGEND.map((line) => `- ${line}`).join('\n'),
    'Each cell is computed by running the cases of `test/scenarios` through the codecs, so it says what they do and not what they should. `npm test` holds each case to its declared losses: whole and streamed, in all pairs, there and back. It also replays recorded traffic of real providers through the official SDKs (`test/corpus`); those recordings are not part of the repository, and this page does not depend on them. [conformance.json](conformance.json) says the same to programs.',
    'Providers with APIs of their own for embeddings and reranking only, model servers that take a single prompt, and packages of the AI SDK are not in the tables. Embeddings of OpenAI’s API belong to its chat dialect here.',
    ...CLIENTS.flatMap(({ name, title }) => {
      const ofClient = rows.filter(({ client }) => client === name)
      return ofClient.length === 0 ? [] : [`## Clients of ${title}`, clientTable(ofClient)]
    }),
  ]
  return `${sections.join('\n\n')}\n`
}

const LEGEND = [
  '**bytes**: the provider speaks the dialect itself; requests and answers pass through, unchanged but for the name of the model.',
  '**pass**: translated, and everything arrives.',
  '**lossy**: translated, and what is named does not arrive. Fields of a request are named as in the header `x-gateway-dropped-params`; with `strict: true` on the route they are a 400 instead. “As such”: the words arrive, but not as what they are. “Refused”: the gateway answers with a 4xx that says why.',
  '**-**: one of the two has no such thing.',
]

/** Providers with equal rows share one. */
function clientTable(rows: readonly ConformanceRow[]): string {
  const providers = new Map<string, string[]>()
  const cells = new Map<string, string[]>()
  for (const { provider, features } of rows) {
    const texts = FEATURES.map((feature) => cellText(features[feature]))
    const key = texts.join('|')
    providers.set(key, [...(providers.get(key) ?? []), code(provider)])
    cells.set(key, texts)
  }
  const lines = [...cells].map(([key, texts]) => [(providers.get(key) ?? []).join(', ')].concat(texts))
  return table(['provider', ...FEATURES], lines)
}

function cellText({ result, what }: ConformanceRow['features']['chat']): string {
  if (result === 'unsupported') return '-'
  return result === 'lossy' ? `lossy: ${what.join(', ')}` : result
}
