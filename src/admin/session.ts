import { option } from '../core/options.ts'
import type { SessionAnswer } from './contract.ts'
import type { Principal } from './access.ts'
import type { JsonAnswer, Resource } from './resource.ts'
import { orNull, time } from './schemas.ts'
import { sessionCookie } from './sessions.ts'
import { toTimeOrNull } from './times.ts'

const PATH = '/admin/session'

const shown = option.object({
  name: option.string(),
  role: option.oneOf(['admin', 'viewer', 'team_admin']),
  team: orNull(option.string()),
  expiresAt: orNull(time({ description: 'When it ends at the latest; null: it is none, but a credential.' })),
})

const current: Resource = {
  method: 'GET',
  path: PATH,
  access: 'team',
  summary: 'Who asks',
  answer: shown,
  handle({ principal, session }) {
    return { body: write(principal, session?.expiresAt) }
  },
}

const signIn: Resource = {
  method: 'POST',
  path: PATH,
  access: 'team',
  summary: 'Sign in with the credential that is sent, as the dashboard does',
  description:
    'The answer sets a cookie that stands for the credential, for 12 hours, or until two of them pass without a request. It counts only with requests of pages of this server.',
  status: 201,
  answer: shown,
  handle({ principal, isSecure }, { sessions }): JsonAnswer {
    const { token, expiresAt } = sessions.open(principal)
    return {
      body: write(principal, expiresAt),
      headers: ['set-cookie', sessionCookie(token, isSecure)],
    }
  },
}

const signOut: Resource = {
  method: 'DELETE',
  path: PATH,
  access: 'team',
  summary: 'Sign out',
  answer: option.object({ deleted: option.boolean() }),
  handle({ session, isSecure }, { sessions }): JsonAnswer {
    if (session) sessions.end(session.token)
    return {
      body: { deleted: session !== undefined },
      headers: ['set-cookie', sessionCookie(undefined, isSecure)],
    }
  },
}

function write({ name, role, team }: Principal, expiresAt: number | undefined): SessionAnswer {
  return { name, role, team: team ?? null, expiresAt: toTimeOrNull(expiresAt ?? null) }
}

/** Who is signed in to the dashboard. */
export const session: readonly Resource[] = [current, signIn, signOut]
