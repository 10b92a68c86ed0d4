import type { AddressInfo } from 'node:net'
import { buildRuntime } from '../../src/config/build.ts'
import { printIssue } from '../../src/config/issue.ts'
import { parseConfig } from '../../src/config/load.ts'
import { dialects } from '../../src/dialects/index.ts'
import { CurrentRuntime } from '../../src/gateway/runtime.ts'
import { createServer } from '../../src/http/server.ts'
import { UnderWay } from '../../src/http/under-way.ts'

export interface TestGateway {
  port: number
  close(): Promise<void>
}

/** The data plane of one worker, in this process, on a free port of loopback. */
export async function startGateway(yaml: string, env: Record<string, string> = {}): Promise<TestGateway> {
  const loaded = parseConfig(yaml, { file: 'config.yaml', env })
  if (!loaded.ok) throw new Error(loaded.issues.map(printIssue).join('\n'))
  const runtime = buildRuntime(loaded.config, 1)
  const server = createServer({
    dialects,
    runtime: new CurrentRuntime(runtime),
    record: () => undefined,
    health: () => ({ ready: true, config: { generation: 1, loadedAt: '2023-06-16T00:00:00Z', error: null } }),
    underWay: new UnderWay(),
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    close: async () => {
      server.server.closeAllConnections()
      await server.close()
      await runtime.retire()
    },
  }
}
