import { base } from './apis.js'
import { element } from './dom.js'
import { LANGUAGES } from './snippets.js'

let chosen = LANGUAGES[0].id

/** The call as code, in a language that is chosen once for all routes. */
export function createSnippetView() {
  const code = element('code')
  const block = element('pre', { tabindex: 0, 'aria-label': 'Code of this request' }, code)
  const copied = element('span', { role: 'status', class: 'muted' })
  const copyButton = element('button', { type: 'button', class: 'quiet', click: copy }, 'Copy')
  const buttons = LANGUAGES.map(({ id, label }) =>
    element('button', { type: 'button', class: 'tab', 'data-language': id, click: () => choose(id) }, label),
  )
  let call

  function choose(id) {
    chosen = id
    show(call)
  }

  function show(next) {
    call = next
    for (const button of buttons)
      button.setAttribute('aria-pressed', String(button.dataset.language === chosen))
    const language = LANGUAGES.find(({ id }) => id === chosen)
    code.textContent = language.write({ ...call, base: base.href })
    copied.textContent = ''
  }

  async function copy() {
    copied.textContent = (await copyText(code)) ? 'Copied' : 'Selected; press Ctrl+C'
  }

  const node = element(
    'section',
    { class: 'snippet', 'aria-label': 'This request as code' },
    element(
      'div',
      { class: 'bar' },
      element('div', { class: 'tabs', role: 'group', 'aria-label': 'Language' }, ...buttons),
      copied,
      copyButton,
    ),
    block,
  )
  return { node, show, refresh: () => call && show(call) }
}

/** The clipboard is there on https and localhost only; elsewhere the text is selected, to be copied by hand. */
async function copyText(node) {
  try {
    await navigator.clipboard.writeText(node.textContent)
    return true
  } catch {
    getSelection().selectAllChildren(node)
    return false
  }
}
