import { duration, element } from './dom.js'
import { statusLine } from './exchange.js'

const MAX_RAW = 200_000

/** How a query went: its error as it came, the figures, and the answer's own bytes. */
export function resultView(result) {
  const parts = []
  if (result.error) parts.push(errorView(result.error))
  parts.push(element('p', { class: 'facts' }, ...facts(result).map((fact) => element('span', {}, fact))))
  if (result.raw !== '') parts.push(rawView(result.raw))
  return element('div', { class: 'result' }, ...parts)
}

function errorView({ title, detail }) {
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail, null, 2)
  return element('div', { class: 'problem' }, element('strong', {}, title), element('pre', {}, text))
}

function facts(result) {
  const { status, stopped, latencyMs, firstTokenMs, usage, answers, dropped, requestId } = result
  const list = []
  if (stopped) list.push('Stopped')
  if (status !== undefined) list.push(statusLine(result))
  list.push(duration(latencyMs))
  if (firstTokenMs !== undefined) list.push(`first token ${duration(firstTokenMs)}`)
  if (isCount(usage.input)) list.push(`${usage.input} tokens in`)
  if (isCount(usage.output)) list.push(`${usage.output} tokens out`)
  const reasons = new Set(answers.flatMap(({ reason }) => (reason && reason !== 'stop' ? [reason] : [])))
  for (const reason of reasons) list.push(`ended by ${reason}`)
  if (dropped) list.push(`dropped ${dropped}`)
  if (requestId) list.push(`request ${requestId}`)
  return list
}

function rawView(raw) {
  const shown =
    raw.length > MAX_RAW ? `${raw.slice(0, MAX_RAW)}\n(${raw.length - MAX_RAW} more characters)` : raw
  const block = element('pre', { tabindex: 0, 'aria-label': 'Answer as it came' })
  const details = element('details', {}, element('summary', {}, 'Answer as it came'), block)
  details.addEventListener('toggle', () => {
    if (details.open) block.textContent = pretty(shown)
  })
  return details
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function isCount(value) {
  return typeof value === 'number'
}
