import { fileURLToPath } from 'node:url'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { SqliteOptions, SqliteResult, SqliteValue } from './connection.ts'
import type { SqliteChannel } from './dialect.ts'

/** To the thread, in their order; nothing answers a message but its answer. */
export interface SqliteQuestion {
  readonly id: number
  readonly text: string
  /** Of one run of it, or of many: JSON. */
  readonly parameters: readonly SqliteValue[] | string
}

export type SqliteAnswer =
  | { readonly id: number; readonly result: SqliteResult }
  | { readonly id: number; readonly problem: string }

interface Waiting {
  readonly resolve: (result: SqliteResult) => void
  readonly reject: (error: Error) => void
}

/** A connection in a thread of its own: what takes long there holds up nobody here. */
export class SqliteThread implements SqliteChannel {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #count = 0
  #gone: Error | undefined

  constructor(options: SqliteOptions) {
    // The extension that this file itself has: .js once it is built.
    const file = new URL(`./thread-main${extname(fileURLToPath(import.meta.url))}`, import.meta.url)
    this.#worker = file.pathname.endsWith('.ts')
      ? new Worker(fromSource(file), { eval: true, workerData: options })
      : new Worker(file, { workerData: options })
    this.#worker.on('message', (answer: SqliteAnswer) => this.#receive(answer))
    this.#worker.on('error', (error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new Error('it is closed')))
    this.#worker.unref()
  }

  execute(text: string, parameters: readonly SqliteValue[]): Promise<SqliteResult> {
    return this.#ask(text, parameters)
  }

  executeEach(text: string, rowsJson: string): Promise<SqliteResult> {
    return this.#ask(text, rowsJson)
  }

  /** Lets the thread close its file, which tidies up the log beside it. */
  async close(): Promise<void> {
    if (this.#gone) return
    const closed = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.ref()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    this.#worker.postMessage('close')
    await closed
  }

  #ask(text: string, parameters: SqliteQuestion['parameters']): Promise<SqliteResult> {
    if (this.#gone) return Promise.reject(this.#gone)
    const id = this.#count++
    const question: SqliteQuestion = { id, text, parameters }
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      this.#worker.postMessage(question)
    })
  }

  #receive(answer: SqliteAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (this.#waiting.size === 0) this.#worker.unref()
    if ('result' in answer) waiting?.resolve(answer.result)
    else waiting?.reject(new Error(answer.problem))
  }

  #end(error: Error): void {
    this.#gone ??= error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

/** Sources that are run as they are need what reads TypeScript in the thread too. */
function fromSource({ href }: URL): string {
  return `import('tsx/esm/api').then(({ tsImport }) => tsImport(${JSON.stringify(href)}, ${JSON.stringify(href)}))`
}
