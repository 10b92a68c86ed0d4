import { GatewayError } from '../../src/core/error.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { ChatRequest } from '../../src/core/request.ts'
import { REQUEST_CASES, REQUESTS, type RequestCase } from './request-cases.ts'
import { isSame, lose, type DialectScenarios } from './support.ts'

const TARGET = { model: 'a-model' }

/** The cases that a dialect can say. */
export function requestCasesOf(dialect: DialectScenarios): RequestCase[] {
  return REQUEST_CASES.filter((name) => fixtureOf(dialect, name))
}

/** The case's own fixture; that of `text` when the dialect's losses leave no more of the case. */
export function fixtureOf(dialect: DialectScenarios, name: RequestCase): JsonObject | undefined {
  const own = dialect.requests[name]
  if (own || dialect.unsupported[name] !== undefined) return own
  return isSame(carried(dialect, name), carried(dialect, 'text')) ? dialect.requests.text : undefined
}

function carried(dialect: DialectScenarios, name: RequestCase): ChatRequest {
  const side = dialect.provider ? 'provider' : 'client'
  return lose(REQUESTS[name](dialect.name), dialect.requestLosses, side).value
}

/** What a client's request says in the case, without what its dialect cannot say. */
export function readTwin(dialect: DialectScenarios, name: RequestCase): ChatRequest {
  return lose(REQUESTS[name](dialect.name), dialect.requestLosses, 'client').value
}

/** What the dialect's client says in the case. */
export function read(dialect: DialectScenarios, name: RequestCase): ChatRequest {
  return readBody(dialect, fixtureOf(dialect, name), REQUESTS[name](dialect.name).stream)
}

/** A request of the dialect's client, read as the gateway does. */
export function readBody(
  dialect: DialectScenarios,
  body: JsonObject | undefined,
  stream: boolean,
): ChatRequest {
  if (!dialect.client || !body) throw new Error(`${dialect.name} has no such request of a client`)
  return dialect.client.chat(body, stream).chat()
}

/** A body and what it leaves out, or why there is none. */
export type Written = { body: JsonObject; dropped: string[] } | { refused: string }

/** A request as the dialect's providers get it. */
export function write(dialect: DialectScenarios, request: ChatRequest): Written {
  try {
    const written = dialect.provider?.chat.write(request, TARGET)
    if (!written) throw new Error(`${dialect.name} is not spoken by providers`)
    const body: JsonObject = JSON.parse(written.body)
    return { body, dropped: [...new Set(written.dropped)].toSorted() }
  } catch (error) {
    if (error instanceof GatewayError) return { refused: `${error.status} ${error.message}` }
    throw error
  }
}
