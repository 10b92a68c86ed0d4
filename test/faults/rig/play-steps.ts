import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Step } from './behaviour.ts'

/** Where steps are played. */
export interface Stage {
  readonly response: ServerResponse
  readonly socket: Socket
  /** Aborted when the other side has hung up, or the answer is complete. */
  readonly gone: AbortSignal
  wrote(bytes: number): void
  /** Called before the answer is ended or cut. */
  ending(): void
}

/** Does one step after the other; stops when the other side has gone. */
export async function playSteps(steps: Iterable<Step>, stage: Stage): Promise<void> {
  for (const step of steps) {
    // What follows an answer's end is written although the answer is over.
    if (stage.gone.aborted && step.do !== 'raw') return
    await play(step, stage)
  }
}

function play(step: Step, { response, socket, gone, ...stage }: Stage): Promise<void> | void {
  switch (step.do) {
    case 'wait':
      return sleep(step.ms, undefined, { signal: gone }).catch(() => undefined)
    case 'head':
      response.writeHead(step.status, step.headers)
      return response.flushHeaders()
    case 'write':
      stage.wrote(step.bytes.length)
      return unless(gone, (done) => response.write(step.bytes, done))
    case 'raw':
      stage.wrote(step.bytes.length)
      return unless(gone, (done) => socket.write(step.bytes, done))
    case 'end':
      stage.ending()
      response.end()
      return undefined
    case 'fin':
      stage.ending()
      socket.end()
      return undefined
    case 'rst':
      stage.ending()
      socket.resetAndDestroy()
      return undefined
    case 'hold':
      return unless(gone, () => undefined)
  }
}

/** Waits until it is done, or the other side has gone. */
function unless(gone: AbortSignal, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      gone.removeEventListener('abort', done)
      resolve()
    }
    gone.addEventListener('abort', done)
    start(done)
  })
}
