import type { AuditRow } from '../core/database.ts'
import { option } from '../core/options.ts'
import { pageParameters, pageSchema, readPage, writePage } from './paging.ts'
import type { Resource } from './resource.ts'
import { mapOf, orNull, time } from './schemas.ts'
import { scopeOf } from './scope.ts'
import { toTime } from './times.ts'

const fields = orNull(mapOf(true))

/** Who changed what. Nothing here can change it. */
export const audit: Resource = {
  method: 'GET',
  path: '/admin/audit',
  access: 'team',
  summary: 'Who changed what, the newest first',
  query: option.object({
    ...pageParameters,
    object: option.optional(option.string({ description: 'Of this object, as in `key/key_5f2a`.' })),
    actor: option.optional(option.string({ description: 'By this admin.' })),
    action: option.optional(option.string({ description: 'Of this kind, as in `key.create`.' })),
  }),
  answer: pageSchema(
    option.object({
      id: option.string(),
      at: time(),
      actor: option.string(),
      action: option.string(),
      object: option.string(),
      before: { ...fields, description: 'The fields that changed, as they were; null for a new object.' },
      after: { ...fields, description: 'The same as they are then; null when it was deleted.' },
    }),
  ),
  async handle({ principal, query }, { database }) {
    const page = await database.audit.list({
      ...readPage(query),
      ...scopeOf(principal),
      ...query.texts('object', 'actor', 'action'),
    })
    return { body: writePage(page, write) }
  },
}

function write({ id, at, actor, action, object, before, after }: AuditRow): unknown {
  return { id, at: toTime(at), actor, action, object, before, after }
}
