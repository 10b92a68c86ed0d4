import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Answer bytes that Node's parser refused, or that came too slowly, in JSON as all other errors; then close. */
export function answerParserError(error: Error & { code?: unknown }, socket: Socket): void {
  refuseIn(socket, error.code, (detail) => ({ detail }))
}

/** The same for a server whose errors have another body. */
export function parserErrorAnswer(
  toBody: (detail: string) => unknown,
): (error: Error & { code?: unknown }, socket: Socket) => void {
  return (error, socket) => refuseIn(socket, error.code, toBody)
}

function refuseIn(socket: Socket, code: unknown, toBody: (detail: string) => unknown): void {
  if (socket.writable && !isAnswering(socket)) socket.write(answerTo(code, toBody))
  socket.destroy()
}

/** Whether an answer is on its way: a second head would become part of its body. */
function isAnswering(socket: Socket): boolean {
  // Node's own handler looks at the same field; there is no public one.
  const response: unknown = Reflect.get(socket, '_httpMessage')
  return response instanceof ServerResponse && response.headersSent
}

function answerTo(code: unknown, toBody: (detail: string) => unknown): string {
  const { status, detail } = REFUSALS[String(code)] ?? MALFORMED
  const body = JSON.stringify(toBody(detail))
  return [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
}

const MALFORMED = { status: '400 Bad Request', detail: 'The request is not valid HTTP.' } as const
const REFUSALS: Readonly<Record<string, { status: string; detail: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    detail: 'The request was not complete in time.',
  },
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    detail: "The request's headers are too large.",
  },
}
