import { parentPort, workerData } from 'node:worker_threads'
import { SqliteConnection, type SqliteOptions } from './connection.ts'
import type { SqliteAnswer, SqliteQuestion } from './thread.ts'

/** The thread of `SqliteThread`. */
const options: SqliteOptions = workerData
const connection = new SqliteConnection(options)

parentPort?.on('message', (question: SqliteQuestion | 'close') => {
  if (question === 'close') {
    connection.close()
    parentPort?.close()
    return
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  parentPort?.postMessage(answerTo(question))
})

function answerTo({ id, text, parameters }: SqliteQuestion): SqliteAnswer {
  try {
    const result =
      typeof parameters === 'string'
        ? connection.executeEach(text, parameters)
        : connection.execute(text, parameters)
    return { id, result }
  } catch (error) {
    return { id, problem: error instanceof Error ? error.message : String(error) }
  }
}
