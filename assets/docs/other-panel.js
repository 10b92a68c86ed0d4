import { base } from './apis.js'
import { element } from './dom.js'

/** How routes are called that this page has no form for. */
const CALLS = {
  'llm/v1/rerank': {
    path: 'v2/rerank',
    body: { query: 'What is a gateway?', documents: ['A gate in a wall.', 'A service in front of others.'] },
  },
  'llm/v1/images': { path: 'v1/images/generations', body: { prompt: 'A small gate in a garden wall' } },
  'llm/v1/audio': {
    path: 'v1/audio/speech',
    body: { voice: 'alloy', input: 'Hello!' },
    output: 'speech.mp3',
  },
  'llm/v1/moderations': { path: 'v1/moderations', body: { input: 'A text to look at' } },
}

/** A route that is called with a provider's own API: what to send, to copy. */
export function createOtherPanel({ name, type }) {
  const call = CALLS[type]
  const text = call
    ? 'Routes of this type are called with the API of their SDKs; there is no form for them here.'
    : 'This page has no form for routes of this type.'
  const node = element('div', {}, element('p', { class: 'muted' }, text))
  if (call) node.append(element('pre', { tabindex: 0, 'aria-label': 'A request as code' }, curl(name, call)))
  return { node, query: { refresh: () => undefined } }
}

function curl(model, { path, body, output }) {
  const file = output ? ` -o ${output}` : ''
  const json = JSON.stringify({ model, ...body }, null, 2).replaceAll("'", String.raw`'\''`)
  return `curl '${new URL(path, base).href}'${file} \\\n  -H 'content-type: application/json' \\\n  -d '${json}'`
}
