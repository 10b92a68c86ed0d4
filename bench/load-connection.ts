import { connect, type Socket } from 'node:net'
import { ANSWER_MARK } from './bodies.ts'
import type { Shot } from './load-job.ts'
import { ResponseReader, type ResponseSummary } from './response-reader.ts'

/** How one request went; `problem` is absent when its answer was complete and right. */
export interface Outcome {
  /** Reading of `performance.now()` at the first byte of the body. */
  readonly firstByteAt: number
  readonly endAt: number
  readonly events: number
  readonly problem?: string
  /** Not served, and told when to come back. */
  readonly isRefused?: boolean
}

/** How the streams of the APIs say that they are complete. */
const FINISHED = /"finish_reason":\s*"stop"|"type":"message_stop"/

/** One keep-alive connection that carries one request at a time; connects when needed, and again after a close. */
export class LoadConnection {
  private readonly shot: Shot
  private readonly request: Buffer
  private readonly onPart: (() => void) | undefined
  private socket: Socket | undefined
  private waiting: ((outcome: Outcome) => void) | undefined
  private firstByteAt = 0

  /** `onPart` is called for each part of a body. */
  constructor(shot: Shot, onPart?: () => void) {
    this.shot = shot
    this.onPart = onPart
    this.request = httpRequest(shot)
  }

  /** Sends the shot; the callback is called once, also when the connection breaks. */
  send(done: (outcome: Outcome) => void): void {
    this.waiting = done
    this.firstByteAt = 0
    this.socket ??= this.open()
    this.socket.write(this.request)
  }

  /** Frees the socket. */
  close(): void {
    this.socket?.destroy()
    this.socket = undefined
  }

  private open(): Socket {
    const socket = connect({ port: this.shot.port, host: '127.0.0.1', noDelay: true })
    const reader = new ResponseReader({
      firstByte: () => (this.firstByteAt = performance.now()),
      end: (summary) => this.settle(summary),
      ...(this.onPart === undefined ? {} : { part: this.onPart }),
    })
    socket.on('data', (bytes: Buffer) => {
      try {
        reader.push(bytes)
      } catch (error) {
        socket.destroy()
        this.fail(String(error))
      }
    })
    socket.on('error', (error) => this.lost(socket, error.message))
    socket.on('close', () =>
      this.lost(socket, reader.midway ? 'closed within an answer' : 'closed before an answer'),
    )
    return socket
  }

  private lost(socket: Socket, why: string): void {
    if (this.socket !== socket) return
    this.socket = undefined
    this.fail(why)
  }

  private fail(problem: string): void {
    this.finish({ firstByteAt: this.firstByteAt, endAt: performance.now(), events: 0, problem })
  }

  private settle(summary: ResponseSummary): void {
    if (summary.closes) this.close()
    const isRefused = this.shot.mayBeRefused === true && isRefusal(summary)
    const problem = isRefused ? undefined : problemOf(summary, this.shot)
    this.finish({
      firstByteAt: this.firstByteAt,
      endAt: performance.now(),
      events: summary.events,
      isRefused,
      ...(problem === undefined ? {} : { problem }),
    })
  }

  private finish(outcome: Outcome): void {
    const { waiting } = this
    this.waiting = undefined
    waiting?.(outcome)
  }
}

function isRefusal({ status, retryAfter }: ResponseSummary): boolean {
  return (status === 429 || status === 503) && Number(retryAfter) > 0
}

function problemOf(summary: ResponseSummary, shot: Shot): string | undefined {
  if (summary.status !== 200) return `status ${summary.status}: ${summary.tail.slice(0, 300)}`
  if (shot.minEvents === 0) {
    return summary.tail.includes(ANSWER_MARK)
      ? undefined
      : `not the expected answer: ${summary.tail.slice(0, 300)}`
  }
  if (summary.events < shot.minEvents) {
    return `a stream of ${summary.events} events instead of ${shot.minEvents}: ...${summary.tail.slice(-300)}`
  }
  return FINISHED.test(summary.tail) ? undefined : `a stream without its end: ...${summary.tail.slice(-300)}`
}

function httpRequest(shot: Shot): Buffer {
  const head = [
    `POST ${shot.path} HTTP/1.1`,
    `host: 127.0.0.1:${shot.port}`,
    'accept: */*',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(shot.body)}`,
    ...(shot.key === undefined ? [] : [`authorization: Bearer ${shot.key}`]),
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${shot.body}`)
}
