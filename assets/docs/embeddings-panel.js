import { embeddingsBody } from './apis.js'
import { element, field } from './dom.js'
import { createQueryForm } from './query-form.js'
import { resultView } from './result-view.js'

const MAX_MATRIX = 24
const FIRST_VALUES = 6

/** Texts, their vectors, and how close they are to each other. */
export function createEmbeddingsPanel(route, gateway) {
  const output = element('div', { class: 'output', 'aria-live': 'polite' })
  const texts = element('textarea', { name: 'texts', rows: 5 })
  texts.value = 'The cat sleeps on the sofa\nA cat slept on a sofa\nQuarterly revenue grew'

  const query = createQueryForm({
    route,
    gateway,
    fields: [field('Texts', texts, 'One on each line. Ctrl+Enter sends.')],
    sendLabel: 'Embed',
    samples: false,
    input: (shape) => embeddingsBody(lines(), shape),
    isEmpty: () => lines().length === 0,
    begin() {
      const sent = lines()
      output.setAttribute('aria-busy', 'true')
      output.replaceChildren(
        element('div', { class: 'turn assistant waiting' }, element('h3', {}, 'Embeddings')),
      )
      return {
        append() {},
        finish(result) {
          output.removeAttribute('aria-busy')
          const turn = element('div', { class: 'turn assistant' }, element('h3', {}, 'Embeddings'))
          if (result.vectors.length > 0) turn.append(...vectorViews(sent, result.vectors))
          turn.append(resultView(result))
          output.replaceChildren(turn)
        },
      }
    },
  })

  function lines() {
    return texts.value.split('\n').filter((line) => line.trim() !== '')
  }

  return {
    node: element(
      'div',
      { class: 'columns' },
      element('div', { class: 'work' }, query.form, output),
      query.side,
    ),
    query,
  }
}

function vectorViews(texts, vectors) {
  if (!vectors.every(Array.isArray))
    return [element('p', {}, 'The vectors are encoded; see the answer as it came.')]
  const rows = vectors.map((vector, index) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, String(index + 1)),
      element('td', { class: 'text' }, texts[index] ?? ''),
      element(
        'td',
        { class: 'values' },
        `${vector.slice(0, FIRST_VALUES).map(short).join(', ')}${vector.length > FIRST_VALUES ? ', ...' : ''}`,
      ),
    ),
  )
  const head = element(
    'tr',
    {},
    ...['', 'Text', 'First values'].map((title) => element('th', { scope: 'col' }, title)),
  )
  const dimension = element(
    'p',
    { class: 'dimension' },
    `${vectors.length} ${vectors.length === 1 ? 'vector' : 'vectors'} of ${vectors[0].length} dimensions`,
  )
  return [
    dimension,
    scroll('Vectors', element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows))),
    ...matrix(vectors),
  ]
}

function matrix(vectors) {
  if (vectors.length < 2) return []
  const shown = vectors.slice(0, MAX_MATRIX)
  const head = element(
    'tr',
    {},
    element('td'),
    ...shown.map((_, index) => element('th', { scope: 'col' }, String(index + 1))),
  )
  const rows = shown.map((left, row) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, String(row + 1)),
      ...shown.map((right) => similarityCell(cosine(left, right))),
    ),
  )
  const table = element(
    'table',
    { class: 'matrix' },
    element('thead', {}, head),
    element('tbody', {}, ...rows),
  )
  const title = `Cosine similarity${vectors.length > MAX_MATRIX ? ` of the first ${MAX_MATRIX}` : ''}`
  return [element('h4', {}, title), scroll('Cosine similarity', table)]
}

function similarityCell(similarity) {
  const cell = element('td', {}, similarity.toFixed(2))
  cell.style.setProperty('--share', `${Math.round(Math.max(0, similarity) * 100)}%`)
  return cell
}

/** A wide table scrolls by itself, by keyboard too. */
function scroll(label, table) {
  return element('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': label }, table)
}

function cosine(left, right) {
  let dot = 0
  let leftSquares = 0
  let rightSquares = 0
  for (const [index, value] of left.entries()) {
    dot += value * right[index]
    leftSquares += value * value
    rightSquares += right[index] * right[index]
  }
  const length = Math.sqrt(leftSquares * rightSquares)
  return length === 0 ? 0 : dot / length
}

function short(value) {
  return Number(value.toFixed(4)).toString()
}
