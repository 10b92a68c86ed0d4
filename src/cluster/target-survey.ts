import type { Worker } from 'node:cluster'
import { mergeReports, type TargetReport } from '../gateway/plan/report.ts'
import type { ToPrimary, ToWorker } from './messages.ts'

interface Fleet {
  workers(): Worker[]
  send(worker: Worker, message: ToWorker): void
}

/** A worker that is too busy to answer by then is left out. */
const ANSWER_MS = 1_000

interface Question {
  awaited: Set<Worker>
  answers: TargetReport[][]
  settle(): void
}

/** What all workers together know of the targets. */
export class TargetSurvey {
  readonly #fleet: Fleet
  readonly #questions = new Map<number, Question>()
  #asked = 0

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  ask(withinMs: number = ANSWER_MS): Promise<TargetReport[]> {
    const id = ++this.#asked
    const workers = this.#fleet.workers()
    return new Promise((resolve) => {
      const answers: TargetReport[][] = []
      const settle = (): void => {
        clearTimeout(timer)
        this.#questions.delete(id)
        resolve(mergeReports(answers))
      }
      const timer = setTimeout(settle, withinMs)
      this.#questions.set(id, { awaited: new Set(workers), answers, settle })
      for (const worker of workers) this.#fleet.send(worker, { type: 'ask-targets', id })
      if (workers.length === 0) settle()
    })
  }

  receive(worker: Worker, { id, targets }: Extract<ToPrimary, { type: 'targets' }>): void {
    const question = this.#questions.get(id)
    if (!question?.awaited.delete(worker)) return
    question.answers.push(targets)
    if (question.awaited.size === 0) question.settle()
  }
}
