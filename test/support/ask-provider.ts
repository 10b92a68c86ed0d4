import { onTestFinished } from 'vitest'
import { Cancellation } from '../../src/core/cancel.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { Attempt, Provider, ProviderConfig, ProviderDefinition } from '../../src/core/provider.ts'
import type { RouteType } from '../../src/core/route.ts'
import { json, startScriptedServer, type Answer } from '../scripted-server.ts'

interface AskSetup {
  definition: ProviderDefinition
  /** `{uri}` in it is the server's address. */
  config: ProviderConfig
  model?: string | null
  routeType?: RouteType
  /** The name of one of the provider's formats; its first when absent. */
  format?: string
  stream?: boolean
  body?: string
  answers?: readonly Answer[]
}

interface Asked {
  url: string
  body: JsonObject
  headers: Record<string, unknown>
  provider: Provider
}

/** A provider of this configuration, ended with the test. */
export function createProvider({ definition, config, model = 'm', routeType }: AskSetup): Provider {
  const provider = definition.create({ model, config, ...(routeType ? { routeType } : {}) })
  onTestFinished(() => provider.close())
  return provider
}

/** What a provider of this configuration sends to its server. */
export async function askProvider(setup: AskSetup): Promise<Asked> {
  const server = await startScriptedServer(...(setup.answers ?? [json(200, {})]))
  const located = Object.entries(setup.config).map(([key, value]) => [
    key,
    typeof value === 'string' ? value.replace('{uri}', server.uri) : value,
  ])
  const provider = createProvider({ ...setup, config: Object.fromEntries(located) })
  const format = provider.formats.find(({ name }) => setup.format === undefined || name === setup.format)
  if (!format) throw new Error(`the provider does not speak ${setup.format}`)
  const attempt: Attempt = {
    format,
    stream: setup.stream ?? false,
    body: setup.body ?? '{"a":1}',
    signal: new Cancellation(),
  }
  const reply = await provider.send(attempt)
  await new Promise<void>((resolve, reject) =>
    reply.body.flow({ data: () => undefined, end: resolve, error: reject }),
  )
  const seen = server.seen.at(-1)
  if (!seen) throw new Error('nothing was asked')
  return { url: seen.url, body: JSON.parse(seen.body), headers: seen.headers, provider }
}
