import { fetchOrFail } from './api.ts'

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string | readonly ContentPart[]
}

type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }

export interface ToolCall {
  readonly name: string
  readonly arguments: string
}

/** What has come of an answer. */
export interface ChatProgress {
  readonly text: string
  readonly thinking: string
  readonly toolCalls: readonly ToolCall[]
  /** Until the first piece of content, in milliseconds. */
  readonly firstMs: number | null
  readonly tookMs: number
  /** As it came, byte by byte. */
  readonly raw: string
  readonly status: number
  readonly requestId: string | null
  readonly error: string | null
  readonly usage: { readonly input: number; readonly output: number } | null
  readonly isDone: boolean
}

const NOTHING: ChatProgress = {
  text: '',
  thinking: '',
  toolCalls: [],
  firstMs: null,
  tookMs: 0,
  raw: '',
  status: 0,
  requestId: null,
  error: null,
  usage: null,
  isDone: false,
}

/** Ask a route through the gateway, and tell of each piece of the answer. Fails with an `ApiError`, or when aborted. */
export async function streamChat(
  request: Readonly<Record<string, unknown>>,
  { onProgress, signal }: { onProgress: (progress: ChatProgress) => void; signal: AbortSignal },
): Promise<void> {
  const began = performance.now()
  const response = await fetchOrFail('/admin/playground', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ request }),
    signal,
  })
  const progress = { ...NOTHING, status: response.status, requestId: response.headers.get('x-request-id') }
  const tell = (news: Partial<ChatProgress>): void => {
    Object.assign(progress, news, { tookMs: performance.now() - began })
    onProgress({ ...progress })
  }
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  if (!response.ok || !isStream) {
    const raw = await response.text()
    const answer = parse(raw)
    tell({ raw, isDone: true, ...(response.ok ? ofWhole(answer) : { error: errorOf(answer) ?? raw }) })
    return
  }
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const piece = await reader?.read()
    if (!piece || piece.done) break
    const frames = (rest + piece.value).split(/\r?\n\r?\n/)
    rest = frames.pop() ?? ''
    for (const frame of frames) Object.assign(progress, ofFrame(frame, progress))
    const hasContent = progress.text !== '' || progress.thinking !== '' || progress.toolCalls.length > 0
    tell({
      raw: progress.raw + piece.value,
      ...(hasContent && progress.firstMs === null && { firstMs: performance.now() - began }),
    })
  }
  tell({ isDone: true })
}

function ofFrame(frame: string, before: ChatProgress): Partial<ChatProgress> {
  const data = frame
    .split(/\r?\n/)
    .flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trimStart()] : []))
    .join('\n')
  const chunk = parse(data)
  if (!isRecord(chunk)) return {}
  const error = errorOf(chunk)
  if (error !== undefined) return { error }
  const [choice] = listOf(chunk['choices'])
  const delta = isRecord(choice) && isRecord(choice['delta']) ? choice['delta'] : {}
  const calls = listOf(delta['tool_calls'])
  return {
    ...(typeof delta['content'] === 'string' && { text: before.text + delta['content'] }),
    ...(typeof delta['reasoning_content'] === 'string' && {
      thinking: before.thinking + delta['reasoning_content'],
    }),
    ...(calls.length > 0 && { toolCalls: addCalls(before.toolCalls, calls) }),
    ...usageOf(chunk['usage']),
  }
}

function ofWhole(answer: unknown): Partial<ChatProgress> {
  if (!isRecord(answer)) return {}
  const [choice] = listOf(answer['choices'])
  const message = isRecord(choice) && isRecord(choice['message']) ? choice['message'] : {}
  return {
    text: typeof message['content'] === 'string' ? message['content'] : '',
    toolCalls: addCalls([], listOf(message['tool_calls'])),
    ...usageOf(answer['usage']),
  }
}

function addCalls(before: readonly ToolCall[], pieces: readonly unknown[]): ToolCall[] {
  const calls = [...before]
  for (const [position, piece] of pieces.entries()) {
    if (!isRecord(piece)) continue
    const index = typeof piece['index'] === 'number' ? piece['index'] : position
    const { name = '', arguments: text = '' } = isRecord(piece['function']) ? piece['function'] : {}
    const known = calls[index] ?? { name: '', arguments: '' }
    calls[index] = { name: known.name + String(name), arguments: known.arguments + String(text) }
  }
  return calls
}

function usageOf(usage: unknown): Partial<ChatProgress> {
  if (!isRecord(usage)) return {}
  return {
    usage: { input: Number(usage['prompt_tokens'] ?? 0), output: Number(usage['completion_tokens'] ?? 0) },
  }
}

function errorOf(answer: unknown): string | undefined {
  if (!isRecord(answer)) return undefined
  const { error } = answer
  if (isRecord(error) && typeof error['message'] === 'string') return error['message']
  return typeof error === 'string' ? error : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
