import { option } from '../core/options.ts'
import type { Resource } from './resource.ts'
import { mapOf } from './schemas.ts'

const PATHS = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
} as const

/** Pictures travel in it. */
const MOST_BYTES = 25 * 1024 * 1024

/** A request to a route, sent by the gateway to itself as any client would send it. */
export const playground: Resource = {
  method: 'POST',
  path: '/admin/playground',
  access: 'admin',
  summary: 'Ask a route as a client would, for those who have no virtual key at hand',
  description:
    'It is sent to the data plane in the form of OpenAI, counts against limits and budgets of the gateway and the route, and is recorded under the key `playground`. The answer is what a client would get, streamed if that was asked for.',
  bodyLimit: MOST_BYTES,
  body: option.object({
    api: option.optional(option.oneOf(Object.keys(PATHS), { default: 'chat' })),
    request: mapOf(true, { description: "The body that a client would send; `model` is a route's name." }),
  }),
  answerTypes: ['application/json', 'text/event-stream'],
  answer: mapOf(true, { description: "As the route answers: also its refusals, with the route's status." }),
  async handle({ body }, plane) {
    const [, path = PATHS.chat] = Object.entries(PATHS).find(([name]) => name === body.text('api')) ?? []
    const text = JSON.stringify(body.object('request') ?? {})
    return { relay: await plane.ask({ path, body: text }) }
  },
}
