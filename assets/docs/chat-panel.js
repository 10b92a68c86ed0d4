import { createAnswerView } from './answer-view.js'
import { element, field } from './dom.js'
import { createQueryForm } from './query-form.js'
import { resultView } from './result-view.js'

/** A conversation with a chat route, turn by turn. */
export function createChatPanel(route, gateway) {
  const messages = []
  const log = element('div', {
    class: 'log',
    role: 'log',
    tabindex: 0,
    'aria-live': 'polite',
    'aria-label': 'Conversation',
  })
  const empty = element(
    'p',
    { class: 'muted empty' },
    'Write a message. The whole conversation goes with each one.',
  )
  const system = element('textarea', { name: 'system', rows: 1, placeholder: 'You are a helpful assistant.' })
  const text = element('textarea', { name: 'message', rows: 3, 'data-enter': 'sends' })
  const reset = element('button', { type: 'button', class: 'quiet', click: clear }, 'New conversation')
  let conversation = 0
  text.value = 'What is an AI gateway?'
  log.append(empty)

  const query = createQueryForm({
    route,
    gateway,
    fields: [
      element('details', {}, element('summary', {}, 'System message'), field('System message', system)),
      field('Your message', text, 'Enter sends, Shift+Enter starts a new line.'),
    ],
    sendLabel: 'Send',
    samples: true,
    input: () => ({ messages: [...systemMessages(), ...messages, { role: 'user', content: text.value }] }),
    isEmpty: () => text.value.trim() === '',
    begin,
    extra: [reset],
  })

  function systemMessages() {
    return system.value.trim() === '' ? [] : [{ role: 'system', content: system.value }]
  }

  function begin() {
    const content = text.value
    const current = conversation
    const answer = createAnswerView()
    const turn = element('div', { class: 'turn assistant' }, element('h3', {}, route.name), answer.node)
    empty.remove()
    log.append(
      element(
        'div',
        { class: 'turn user' },
        element('h3', {}, 'You'),
        element('div', { class: 'answer' }, content),
      ),
    )
    log.append(turn)
    log.setAttribute('aria-busy', 'true')
    turn.classList.add('waiting')
    text.value = ''
    follow(log, true)
    return {
      append(piece, index) {
        turn.classList.remove('waiting')
        const near = isNearEnd(log)
        answer.append(piece, index)
        follow(log, near)
      },
      finish(result) {
        turn.classList.remove('waiting')
        log.removeAttribute('aria-busy')
        if (current !== conversation) return
        const near = isNearEnd(log)
        answer.finish(result)
        turn.append(resultView(result))
        remember(content, result)
        follow(log, near)
      },
    }
  }

  /** A failed turn is not part of the conversation; its message is put back to be sent again. */
  function remember(content, { answers, error }) {
    const [first] = answers
    if (!error && first?.text) {
      messages.push({ role: 'user', content }, { role: 'assistant', content: first.text })
    } else if (text.value === '') {
      text.value = content
    }
  }

  function clear() {
    query.stop()
    conversation++
    messages.length = 0
    log.replaceChildren(empty)
    query.preview()
    text.focus()
  }

  return {
    node: element(
      'div',
      { class: 'columns' },
      element('div', { class: 'work' }, log, query.form),
      query.side,
    ),
    query,
  }
}

function isNearEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80
}

/** Keeps the end in sight for those who were there; who has scrolled up to read stays where they are. */
function follow(log, wanted) {
  if (wanted) log.scrollTop = log.scrollHeight
}
