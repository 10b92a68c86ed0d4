import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a scripted server was asked. */
interface SeenRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

/** Writes one answer; the request has been read whole. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void

export interface ScriptedServer {
  uri: string
  seen: SeenRequest[]
  /** Connections accepted so far. */
  connections: () => number
}

/**
 * A real server on loopback that gives `answers` in turn, the last one again and again. It ends with the test.
 */
export async function startScriptedServer(...answers: Answer[]): Promise<ScriptedServer> {
  const seen: SeenRequest[] = []
  let connections = 0
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const asked = { method, url, headers, body: Buffer.concat(chunks).toString() }
      const answer = answers[Math.min(seen.length, answers.length - 1)]
      seen.push(asked)
      answer?.(response, asked)
    })
  }
  const server = createServer(listener)
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { uri: `http://127.0.0.1:${port}`, seen, connections: () => connections }
}

/** A promise that someone else resolves. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open: (() => void) | undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open?.() }
}

/** An answer of `status` with `body` as JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }
}

/** A stream of the given bytes, written one by one as separate chunks. */
export function eventStream(...pieces: (string | Uint8Array)[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const piece of pieces) response.write(piece)
    response.end()
  }
}
