import { issueKey } from '../../auth/issue-key.ts'
import { parseDuration } from '../../core/duration.ts'
import type { StoreOptions } from '../open-store.ts'
import { EXIT_USAGE } from '../program.ts'
import { withStore } from '../with-store.ts'
import { readLimitWords } from './read-limit.ts'
import { printIssued } from './show.ts'

export interface CreateOptions extends StoreOptions {
  readonly user?: string
  readonly team?: string
  /** As `name=value`. */
  readonly tag: readonly string[]
  /** Globs; all routes when empty. */
  readonly route: readonly string[]
  /** In words: `600 requests per minute`. */
  readonly limit: readonly string[]
  readonly expires?: string
  readonly json?: boolean
}

/** `mlflow-gateway keys create`. The key is printed on stdout, alone in its line. */
export function createKey(
  name: string,
  { user, team, tag, route, limit, expires, json = false, ...store }: CreateOptions,
): Promise<number> {
  const tags = readTags(tag)
  const expiresAt = expires === undefined ? null : readExpiry(expires, Date.now())
  if (!tags) return refuse(`--tag is no "name=value": write one as in --tag project=search`)
  if (expiresAt === undefined) {
    return refuse('--expires is no time to come: write a date as in 2027-01-31, or a duration as in 90d')
  }
  if (name === '') return refuse('a key needs a name')
  const limits = readLimitWords(limit)
  if (typeof limits === 'string') return refuse(`--limit ${limits}`)
  return withStore(store, async (database, actor) => {
    const issued = await issueKey(
      database,
      {
        name,
        user: user ?? null,
        team: team ?? null,
        tags,
        routes: route.length === 0 ? ['*'] : route,
        limits,
        expiresAt,
        isEnabled: true,
        metadata: {},
      },
      { actor, action: 'key.create' },
    )
    printIssued(issued, { json })
    return 0
  })
}

function refuse(message: string): Promise<number> {
  process.stderr.write(`error: ${message}\n`)
  return Promise.resolve(EXIT_USAGE)
}

function readTags(words: readonly string[]): Record<string, string> | undefined {
  const pairs = words.map((word) => /^([^=]+)=(.*)$/s.exec(word))
  if (pairs.some((pair) => pair === null)) return undefined
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1] ?? '', pair[2] ?? '']] : [])))
}

const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/** Milliseconds since 1970; undefined when it is no time to come. */
function readExpiry(text: string, now: number): number | undefined {
  const length = parseDuration(text)
  const at = TIME.test(text) ? Date.parse(text) : length === undefined ? Number.NaN : now + length
  return at > now ? at : undefined
}
