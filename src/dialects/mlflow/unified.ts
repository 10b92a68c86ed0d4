import type { ClientRequest, Dialect } from '../../core/dialect.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { invalidRequest, OpenBody } from '../../wire/open-body.ts'
import { openAi } from '../openai/client.ts'
import { writeError } from '../openai/errors.ts'
import { readChat, readEmbeddings } from '../openai/read-chat.ts'
import { under } from '../under.ts'

/**
 * MLflow 3's own paths, in OpenAI's shapes: the route in the path and no model in the body, or the other way round.
 * `under` has the paths of the other dialects below `/gateway`.
 */
export const mlflowUnified: Dialect = {
  name: 'mlflow-unified',
  endpoints: [
    {
      method: 'POST',
      path: '/gateway/:route/mlflow/invocations',
      read: (body, { route }) => readEither(body, route),
    },
    ...under('/gateway/mlflow', openAi).endpoints.filter(({ path }) => path.endsWith('/chat/completions')),
  ],
  lookups: [],
  writeError,
}

/** `messages` make a chat, `input` texts to embed. */
function readEither(body: Buffer, route: RouteInfo): ClientRequest {
  const open = OpenBody.of(body)
  if (open.member('messages') !== undefined) {
    check(route, 'llm/v1/chat', 'messages')
    return readChat(body)
  }
  if (open.member('input') !== undefined) {
    check(route, 'llm/v1/embeddings', 'input')
    return readEmbeddings(body)
  }
  throw invalidRequest("The body holds neither 'messages' (for a chat) nor 'input' (for embeddings).")
}

function check({ name, type }: RouteInfo, served: RouteType, field: string): void {
  if (type === served) return
  throw invalidRequest(`The route '${name}' is of type ${type}, but '${field}' is for ${served}.`, field)
}
