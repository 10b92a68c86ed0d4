import type { TeamRow } from '../core/database.ts'
import { option } from '../core/options.ts'
import { AdminError } from './errors.ts'
import { enabledField, readTags, tagsField } from './fields-of-objects.ts'
import { limitsField, readRules } from './limits.ts'
import { writeRule } from '../config/write-limit.ts'
import { creationOf, deletionOf, listOf, type ObjectApi, oneOf } from './objects.ts'
import type { Resource } from './resource.ts'

const api: ObjectApi<TeamRow> = {
  kind: 'team',
  path: '/admin/teams',
  table: ({ teams }) => teams,
  // A team's own admin would raise its budget.
  change: 'admin',
  fields: { limits: limitsField, tags: tagsField, enabled: enabledField('the team') },
  answer: { limits: limitsField, tags: tagsField, enabled: option.boolean() },
  write: ({ limits, tags, isEnabled }) => ({ limits: limits.map(writeRule), tags, enabled: isEnabled }),
  read(body) {
    const limits = readRules(body)
    const tags = readTags(body)
    return {
      ...(limits && { limits }),
      ...(tags && { tags }),
      ...(body.has('enabled') && { isEnabled: body.flag('enabled') === true }),
    }
  },
}

/** Teams, whose limits hold for all of their users and keys together. */
export const teams: readonly Resource[] = [
  listOf(api),
  creationOf(api, ({ limits = [], tags = {}, isEnabled = true }, id) => ({ id, limits, tags, isEnabled })),
  ...oneOf(api),
  deletionOf(api, async (id, { database }) => {
    const [keys, users] = await Promise.all([
      database.keys.search({ team: id, limit: 1 }),
      database.users.list({ team: id, limit: 1 }),
    ])
    if (keys.rows.length + users.rows.length > 0) {
      throw new AdminError('conflict', 'The team has users or keys; move or delete them first.')
    }
  }),
]
