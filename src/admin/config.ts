import { option } from '../core/options.ts'
import type { Resource } from './resource.ts'
import { orNull, time } from './schemas.ts'

/** Which configuration is in use. */
export const config: Resource = {
  method: 'GET',
  path: '/admin/config',
  access: 'read',
  summary: 'Which configuration is in use, and why a newer one is not',
  answer: option.object({
    generation: option.integer({ description: 'Counts up with every configuration that took effect.' }),
    loadedAt: time({ description: 'Since when it is in use.' }),
    error: orNull(option.string({ description: 'Why the file as it is now is not in use.' })),
  }),
  handle: (_request, plane) => ({ body: plane.config() }),
}
