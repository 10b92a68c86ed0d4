import { mapOf } from './schemas.ts'
import { option } from '../core/options.ts'
import type { Resource } from './resource.ts'

/** What would become of a request, without sending it. */
export const explain: Resource = {
  method: 'POST',
  path: '/admin/explain',
  access: 'read',
  summary: 'What would become of a request, without sending it',
  body: option.object({
    route: option.string({ description: 'The name of a route.' }),
    request: mapOf(true, { description: 'The body that a client would send.' }),
    dialect: option.optional(
      option.string({ description: "The API that it is of, such as anthropic; OpenAI's when absent." }),
    ),
    headers: option.optional(mapOf(option.string(), { description: "The request's headers, by name." })),
    key: option.optional(
      option.string({
        description: "The caller's credential, as far as decisions depend on it. It is in no answer.",
      }),
    ),
  }),
  answer: mapOf(true, { description: 'As `mlflow-gateway explain --json` prints it.' }),
  async handle({ body }, plane) {
    const dialect = body.text('dialect')
    const headers = body.textMap('headers')
    const key = body.text('key')
    const explanation = await plane.explain({
      route: body.text('route') ?? '',
      request: body.object('request') ?? {},
      ...(dialect !== undefined && { dialect }),
      ...(headers && { headers }),
      ...(key !== undefined && { key }),
    })
    return { body: explanation }
  },
}
