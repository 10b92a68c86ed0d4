import { Gateway, type LogLine, type StartOptions } from '../../support/gateway.ts'
import { residentBytes } from '../../support/processes.ts'

const SAMPLE_MS = 100

/** What no process in good health says. */
const ALARMS = /uncaught|unhandled|out of memory|FATAL ERROR|MaxListenersExceeded/i

/** The built gateway, with an eye on its health from its start to its end. */
export class GatewayUnderTest {
  readonly gateway: Gateway
  readonly #sampler: NodeJS.Timeout
  #peakBytes = 0

  private constructor(gateway: Gateway) {
    this.gateway = gateway
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_MS).unref()
    this.#sample()
  }

  /** Serves when it resolves. End it with `stop`. */
  static async start(yaml: string, options: StartOptions = {}): Promise<GatewayUnderTest> {
    return new GatewayUnderTest(await Gateway.start(yaml, { workers: 1, ...options }))
  }

  get url(): string {
    return this.gateway.url
  }

  get stdout(): string {
    return this.gateway.stdout
  }

  get stderr(): string {
    return this.gateway.stderr
  }

  /** The most memory that all workers together have had. */
  get peakResidentBytes(): number {
    this.#sample()
    return this.#peakBytes
  }

  /** How often a worker has died and was replaced. */
  get workerRestarts(): number {
    return this.logLines().filter(({ msg }) => msg === 'worker died').length
  }

  /** The log's lines so far; what is no line of a log is left out. */
  logLines(): LogLine[] {
    return this.stdout.split('\n').flatMap((line): LogLine[] => {
      try {
        const fields: LogLine = JSON.parse(line)
        return [fields]
      } catch {
        return []
      }
    })
  }

  /** How many attempts the access log tells for each request's id; a line without a number says nothing. */
  loggedAttempts(): Map<string, number> {
    const counted = new Map<string, number>()
    for (const { msg, id, attempts } of this.logLines()) {
      if (msg === 'request' && typeof id === 'string' && typeof attempts === 'number')
        counted.set(id, attempts)
    }
    return counted
  }

  /** The ids of the requests that are in the access log. */
  loggedRequests(): Set<unknown> {
    return new Set(this.logLines().flatMap(({ msg, id }) => (msg === 'request' ? [id] : [])))
  }

  /** End it at once. What it has said stays to be read. */
  async stop(): Promise<void> {
    clearInterval(this.#sampler)
    await this.gateway.stop()
  }

  #sample(): void {
    const bytes = this.gateway.workers().reduce((sum, pid) => sum + residentBytes(pid), 0)
    this.#peakBytes = Math.max(this.#peakBytes, bytes)
  }
}

/** The lines of an output that tell of a failure nobody handled. */
export function findAlarms(output: string): string[] {
  return output.split('\n').filter((line) => ALARMS.test(line))
}
