import type { UserRow } from '../core/database.ts'
import { option } from '../core/options.ts'
import { AdminError } from './errors.ts'
import { enabledField, nameField, textField } from './fields-of-objects.ts'
import { limitsField, readRules } from './limits.ts'
import { writeRule } from '../config/write-limit.ts'
import { creationOf, deletionOf, listOf, type ObjectApi, oneOf } from './objects.ts'
import type { Resource } from './resource.ts'
import { orNull } from './schemas.ts'
import { teamFor } from './scope.ts'

const api: ObjectApi<UserRow> = {
  kind: 'user',
  path: '/admin/users',
  table: ({ users }) => users,
  change: 'teamAdmin',
  fields: {
    email: orNull(textField('For people: nothing is sent there.')),
    team: orNull(nameField('The team whose limits hold for the user too.')),
    limits: limitsField,
    enabled: enabledField('the user'),
  },
  answer: {
    email: orNull(option.string()),
    team: orNull(option.string()),
    limits: limitsField,
    enabled: option.boolean(),
  },
  write: ({ email, team, limits, isEnabled }) => ({
    email,
    team,
    limits: limits.map(writeRule),
    enabled: isEnabled,
  }),
  read(body, { principal }) {
    const limits = readRules(body)
    return {
      ...(body.has('email') && { email: body.text('email') ?? null }),
      ...(body.has('team') && { team: teamFor(principal, body.text('team') ?? null) }),
      ...(limits && { limits }),
      ...(body.has('enabled') && { isEnabled: body.flag('enabled') === true }),
    }
  },
}

/** People and programs that keys belong to. */
export const users: readonly Resource[] = [
  listOf(api),
  creationOf(api, ({ email = null, team, limits = [], isEnabled = true }, id, principal) => ({
    id,
    email,
    team: teamFor(principal, team),
    limits,
    isEnabled,
  })),
  ...oneOf(api),
  deletionOf(api, async (id, { database }) => {
    const { rows } = await database.keys.search({ user: id, limit: 1 })
    if (rows.length > 0) throw new AdminError('conflict', 'The user has keys; delete them first.')
  }),
]
