import { readReply } from './apis.js'
import { readEvents } from './event-stream.js'

/**
 * Sends one query and reads its answer. `onText(text, answerIndex)` is called for each piece of a stream. Never rejects:
 * a failure is in the result's `error`, as `{title, detail}`.
 */
export async function exchange({ url, body, signal, onText }) {
  const startedAt = performance.now()
  const result = { answers: [], vectors: [], usage: {}, raw: '', stopped: false }
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    })
    result.status = response.status
    result.statusText = response.statusText
    result.requestId = response.headers.get('x-request-id') ?? undefined
    result.dropped = response.headers.get('x-gateway-dropped-params') ?? undefined
    if (isStream(response)) await readStream(response, result, { onText, startedAt })
    else await readWhole(response, result)
  } catch (thrown) {
    if (signal.aborted) result.stopped = true
    else result.error = { title: 'No answer', detail: connectionProblem(thrown, result) }
  }
  result.latencyMs = performance.now() - startedAt
  return result
}

function isStream(response) {
  return response.ok && (response.headers.get('content-type') ?? '').startsWith('text/event-stream')
}

async function readWhole(response, result) {
  result.raw = await response.text()
  let json
  try {
    json = JSON.parse(result.raw)
  } catch {
    result.error = { title: statusLine(result), detail: result.raw || 'The answer is empty.' }
    return
  }
  if (response.ok) Object.assign(result, readReply(json))
  else result.error = { title: statusLine(result), detail: json.detail ?? json }
}

async function readStream(response, result, { onText, startedAt }) {
  const events = readEvents(response.body, (text) => {
    result.raw += text
  })
  for await (const data of events) {
    if (data === '[DONE]') continue
    const event = parseEvent(data)
    if (event.error) {
      result.error = { title: 'The stream failed', detail: event.error.message ?? event.error }
      continue
    }
    if (event.usage) result.usage = readReply(event).usage
    for (const { index = 0, delta = {}, text, finish_reason: reason } of event.choices ?? []) {
      const answer = (result.answers[index] ??= { text: '', reason: undefined })
      const piece = delta.content ?? text ?? ''
      if (reason) answer.reason = reason
      if (piece === '') continue
      result.firstTokenMs ??= performance.now() - startedAt
      answer.text += piece
      onText(piece, index)
    }
  }
}

function parseEvent(data) {
  try {
    return JSON.parse(data)
  } catch {
    return { error: { message: `An event is not JSON: ${data.slice(0, 200)}` } }
  }
}

/** HTTP/2 has no words beside its codes. */
export function statusLine({ status, statusText }) {
  return statusText ? `${status} ${statusText}` : String(status)
}

function connectionProblem(thrown, { status }) {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return status === undefined
    ? `The gateway could not be reached (${message}).`
    : `The connection ended before the answer did (${message}).`
}
