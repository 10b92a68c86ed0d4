import { option } from '../core/options.ts'
import type { Resource } from './resource.ts'
import { orNull } from './schemas.ts'

/** Whether alerts arrive where they are sent to. */
export const alerts: Resource = {
  method: 'POST',
  path: '/admin/alerts/test',
  access: 'admin',
  summary: 'Send each webhook an alert of type `test`, once, and say how that went',
  answer: option.object({
    items: option.list(
      option.object({
        host: option.string({ description: "Of the webhook's URL; the rest of it is not shown." }),
        ok: option.boolean({ description: 'Whether it answered 2xx.' }),
        problem: orNull(option.string({ description: 'What went wrong.' })),
      }),
    ),
  }),
  handle: async (_request, plane) => ({ body: { items: await plane.testAlerts() } }),
}
