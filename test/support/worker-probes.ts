import { Agent } from 'node:http'
import { ask } from './ask.ts'
import type { Gateway, Health } from './gateway.ts'
import { waitFor } from './wait.ts'

/** One kept connection to each worker, so that each can be asked by itself. */
export class WorkerProbes {
  readonly #gateway: Gateway
  readonly #agents: readonly Agent[]

  private constructor(gateway: Gateway, agents: readonly Agent[]) {
    this.#gateway = gateway
    this.#agents = agents
  }

  static async open(gateway: Gateway): Promise<WorkerProbes> {
    const byPid = new Map<number, Agent>()
    await waitFor('a connection to each worker', async () => {
      const agents = Array.from({ length: 6 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
      await Promise.all(
        agents.map(async (agent) => {
          const { worker_pid: pid } = await readHealth(gateway, agent)
          if (byPid.has(pid)) agent.destroy()
          else byPid.set(pid, agent)
        }),
      )
      return gateway.workers().every((pid) => byPid.has(pid))
    })
    return new WorkerProbes(gateway, [...byPid.values()])
  }

  health(): Promise<Health[]> {
    return Promise.all(this.#agents.map((agent) => readHealth(this.#gateway, agent)))
  }

  /** The model that each worker has for this route. */
  models(route: string): Promise<(string | undefined)[]> {
    return Promise.all(
      this.#agents.map(async (agent) => {
        const { text } = await ask(`${this.#gateway.url}/gateway/routes/${route}`, { agent })
        const body: { route?: { model: { name: string } } } = JSON.parse(text)
        return body.route?.model.name
      }),
    )
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy()
  }
}

async function readHealth(gateway: Gateway, agent: Agent): Promise<Health> {
  const { text } = await ask(`${gateway.url}/health?verbose`, { agent })
  const health: Health = JSON.parse(text)
  return health
}
