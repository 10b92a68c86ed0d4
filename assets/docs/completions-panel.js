import { createAnswerView } from './answer-view.js'
import { element, field } from './dom.js'
import { createQueryForm } from './query-form.js'
import { resultView } from './result-view.js'

/** A text to go on with, and how the route goes on. */
export function createCompletionsPanel(route, gateway) {
  const output = element('div', { class: 'output', 'aria-live': 'polite' })
  const prompt = element('textarea', { name: 'prompt', rows: 5 })
  prompt.value = 'An AI gateway is'

  const query = createQueryForm({
    route,
    gateway,
    fields: [field('Prompt', prompt, 'Ctrl+Enter sends.')],
    sendLabel: 'Complete',
    samples: true,
    input: () => ({ prompt: prompt.value }),
    isEmpty: () => prompt.value === '',
    begin() {
      const answer = createAnswerView()
      const turn = element(
        'div',
        { class: 'turn assistant waiting' },
        element('h3', {}, 'Completion'),
        answer.node,
      )
      output.setAttribute('aria-busy', 'true')
      output.replaceChildren(turn)
      return {
        append(piece, index) {
          turn.classList.remove('waiting')
          answer.append(piece, index)
        },
        finish(result) {
          turn.classList.remove('waiting')
          output.removeAttribute('aria-busy')
          answer.finish(result)
          turn.append(resultView(result))
        },
      }
    },
  })
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
