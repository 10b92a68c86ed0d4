import type { Call } from '../../src/core/call.ts'
import { Caller } from '../../src/core/caller.ts'
import { Cancellation } from '../../src/core/cancel.ts'
import type { ChatClientRequest, Dialect } from '../../src/core/dialect.ts'
import type { RouteType } from '../../src/core/route.ts'
import { Trail } from '../../src/core/trail.ts'
import { mlflow } from '../../src/dialects/mlflow/index.ts'

interface Asked {
  dialect?: Dialect
  path?: string
  type?: RouteType
  headers?: Record<string, string>
}

/** A call as the server makes it of this body; on MLflow 2.9's path unless told otherwise. */
export function makeCall(
  body: string,
  {
    dialect = mlflow,
    path = '/endpoints/:route/invocations',
    type = 'llm/v1/chat',
    headers = {},
  }: Asked = {},
): Call & { signal: Cancellation } {
  const route = { name: 'r', type, model: { name: 'm', provider: 'p' } }
  const endpoint = dialect.endpoints.find((known) => known.path === path)
  if (!endpoint) throw new Error(`no endpoint ${path}`)
  const head = { headers, search: new URLSearchParams() }
  const settings = { invocationsShape: 'mlflow', bodyLimit: 1 } as const
  return {
    id: 'c',
    route,
    request: endpoint.read(Buffer.from(body), { route, head, settings }),
    caller: new Caller(head),
    signal: new Cancellation(),
    trail: new Trail(),
  }
}

/** The same when it is a chat. */
export function makeChat(body: string, asked?: Asked): ChatClientRequest {
  const { request } = makeCall(body, asked)
  if (request.operation !== 'chat') throw new Error('not a chat')
  return request
}
