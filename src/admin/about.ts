import { option } from '../core/options.ts'
import type { Resource } from './resource.ts'
import { orNull, time } from './schemas.ts'

/** What the gateway is and where clients reach it. */
export const about: Resource = {
  method: 'GET',
  path: '/admin/about',
  access: 'team',
  summary: 'What this gateway is, and where clients reach it',
  answer: option.object({
    version: option.string(),
    node: option.string({ description: "Node.js's version." }),
    startedAt: time(),
    host: option.string({ description: 'Where the data plane listens.' }),
    port: option.integer(),
    workers: option.integer(),
    auth: option.oneOf(['none', 'required'], { description: 'Whether clients need a key.' }),
    database: option.oneOf(['sqlite', 'postgres']),
    secretsProblem: orNull(
      option.string({ description: 'Why the store can keep no secrets; null when it can.' }),
    ),
  }),
  handle: (_request, plane) => ({ body: plane.about() }),
}
