/** One of Anthropic's events. */
export function anthropicEvent(type: string, more: Readonly<Record<string, unknown>> = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
}

/** The events before the first content. */
export function anthropicStart(): string {
  return (
    anthropicEvent('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: [],
        usage: { input_tokens: 13, output_tokens: 1 },
      },
    }) + anthropicEvent('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
  )
}

/** A piece of the answer. */
export function anthropicText(text: string): string {
  return anthropicEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
}

/** The events after the last content, the terminal one included. */
export function anthropicEnd(): string {
  return (
    anthropicEvent('content_block_stop', { index: 0 }) +
    anthropicEvent('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }) +
    anthropicEvent('message_stop')
  )
}

/** Anthropic's whole answer. */
export function anthropicAnswer(text: string): string {
  return JSON.stringify({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 13, output_tokens: 9 },
  })
}
