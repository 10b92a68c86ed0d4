import { GatewayError } from '../core/error.ts'
import { Secret } from '../core/secret.ts'
import { answerQuestion, type DryRuntime } from '../gateway/explain/answer-question.ts'
import { targetsOf } from '../gateway/plan/plan.ts'
import { reportTargets } from '../gateway/plan/report.ts'
import type { ExplainRequest, Explanation, TargetReport } from './contract.ts'

/** What an explainer needs of the control plane. */
export interface ExplainerSetup {
  /** The committed configuration as a runtime that cannot send. */
  build(): Promise<DryRuntime>
  /** What all workers together know of the targets. */
  targets(): Promise<readonly TargetReport[]>
  /** For how long each open breaker stays open, by the key of its target. */
  openBreakers(): ReadonlyMap<string, number>
  /** The route that a name was most likely meant for. */
  guess(name: string, known: readonly string[]): string | undefined
}

/** Answers what would become of a request. Its runtime is built when it is first asked, and again after a reload. */
export class Explainer {
  readonly #setup: ExplainerSetup
  #built: Promise<DryRuntime> | undefined

  constructor(setup: ExplainerSetup) {
    this.#setup = setup
  }

  async explain({ request, key, ...question }: ExplainRequest): Promise<Explanation> {
    const dry = await this.#runtime()
    const { runtime } = dry
    runtime.acquire()
    try {
      if (!runtime.find(question.route)) throw this.#unknown(question.route, dry)
      const asked = {
        ...question,
        body: Buffer.from(JSON.stringify(request)),
        ...(key !== undefined && { key: new Secret(key) }),
      }
      return await answerQuestion(dry, asked, this.#withBreakers(dry, await this.#setup.targets()))
    } finally {
      await runtime.release()
    }
  }

  /** Another configuration is in use. */
  forget(): void {
    const built = this.#built
    this.#built = undefined
    built?.then(
      ({ runtime }) => runtime.retire(),
      () => undefined,
    )
  }

  #runtime(): Promise<DryRuntime> {
    this.#built ??= this.#setup.build().catch((error: unknown) => {
      this.#built = undefined
      throw error
    })
    return this.#built
  }

  /**
   * What the workers say of each target. A worker that did not answer in time may have found a breaker open: the primary
   * was told of it when it did.
   */
  #withBreakers({ runtime }: DryRuntime, answered: readonly TargetReport[]): TargetReport[] {
    const routes = runtime.routes()
    const open = this.#setup.openBreakers()
    const opensInMs = new Map(
      routes
        .flatMap(({ plan }) => targetsOf(plan.group))
        .map(({ route, name, state }) => [`${route} ${name}`, open.get(state.key)]),
    )
    const known = new Map(answered.map((report) => [`${report.route} ${report.target}`, report]))
    return reportTargets(routes, performance.now()).map((unused) => {
      const key = `${unused.route} ${unused.target}`
      return withBreaker(known.get(key) ?? unused, opensInMs.get(key))
    })
  }

  #unknown(route: string, { runtime }: DryRuntime): GatewayError {
    const known = runtime.list().map(({ name }) => name)
    const guess = this.#setup.guess(route, known)
    const help = guess === undefined ? '' : ` Did you mean "${guess}"?`
    return new GatewayError(`There is no route of that name.${help}`, { kind: 'not_found', status: 404 })
  }
}

/** `ms`: for how long the primary knows the breaker to be open; 0 and less: one request may try. */
function withBreaker(report: TargetReport, ms: number | undefined): TargetReport {
  if (ms === undefined || report.breaker !== 'closed') return report
  return { ...report, breaker: ms > 0 ? 'open' : 'half-open', opensInMs: Math.max(Math.round(ms), 0) }
}
