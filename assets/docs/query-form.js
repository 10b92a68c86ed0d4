import { element } from './dom.js'
import { exchange } from './exchange.js'
import { createSettings } from './settings.js'
import { createSnippetView } from './snippet-view.js'

/**
 * What every kind of route shares: the form with its button, the settings and the code of the request.
 *
 * `input(shape)` gives the body's own fields, `isEmpty()` whether there is nothing to send, and `begin()` is called when
 * a query goes out; it returns `{append(text, index), finish(result)}`.
 */
export function createQueryForm({
  route,
  gateway,
  fields,
  sendLabel,
  samples,
  input,
  isEmpty,
  begin,
  extra = [],
}) {
  const snippet = createSnippetView()
  const settings = createSettings({ route, gateway, samples, onChange: preview })
  const send = element('button', { type: 'submit', class: 'primary' }, sendLabel)
  const stop = element(
    'button',
    { type: 'button', class: 'primary stop', hidden: true, click: () => abort?.abort() },
    'Stop',
  )
  const hint = element('span', { class: 'muted hint', role: 'status' })
  const form = element(
    'form',
    { class: 'query', novalidate: true, submit: onSubmit },
    ...fields,
    element('div', { class: 'actions' }, send, stop, ...extra, hint),
  )
  let abort

  form.addEventListener('input', preview)
  form.addEventListener('keydown', (event) => {
    const sends =
      event.key === 'Enter' && (event.ctrlKey || event.metaKey || event.target.dataset.enter === 'sends')
    if (!sends || event.shiftKey || event.isComposing) return
    event.preventDefault()
    if (!abort) form.requestSubmit()
  })

  function preview() {
    hint.textContent = ''
    if (!abort) snippet.show(settings.call(input))
  }

  async function onSubmit(event) {
    event.preventDefault()
    if (abort) return
    if (isEmpty()) {
      hint.textContent = 'Write something first.'
      return
    }
    const call = settings.call(input)
    snippet.show(call)
    abort = new AbortController()
    setBusy(true)
    const view = begin()
    const result = await exchange({
      url: call.url,
      body: call.body,
      signal: abort.signal,
      onText: view.append,
    })
    abort = undefined
    setBusy(false)
    view.finish(result)
  }

  /** The button that has the focus goes away; the other one takes it over. */
  function setBusy(busy) {
    const focused = document.activeElement === send || document.activeElement === stop
    send.hidden = busy
    stop.hidden = !busy
    hint.textContent = ''
    if (focused) (busy ? stop : send).focus()
  }

  preview()
  return {
    form,
    preview,
    side: element('div', { class: 'side' }, settings.node, snippet.node),
    stop: () => abort?.abort(),
    /** The panel is shown again, or the server's settings are others now. */
    refresh() {
      settings.showShape()
      if (!abort) snippet.refresh()
    },
  }
}
