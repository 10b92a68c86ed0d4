import { Gateway } from '../support/gateway.ts'
import { routesTo, startForeignUpstream } from './foreign-upstream.ts'

/** A gateway before the foreign upstream. */
export interface Stage {
  readonly gateway: Gateway
  stop(): Promise<void>
}

/** Start both; `more` are routes beside those to the upstream. */
export async function startStage(more: readonly unknown[] = []): Promise<Stage> {
  // By default a signal would end this process without the handler that ends the gateway.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const upstream = await startForeignUpstream()
  // JSON is YAML.
  const config = JSON.stringify({ routes: [...routesTo(upstream.url), ...more] })
  const gateway = await Gateway.start(config, { workers: 1 })
  return {
    gateway,
    async stop() {
      await gateway.stop()
      await upstream.stop()
    },
  }
}
