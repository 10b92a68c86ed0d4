import { createHash } from 'node:crypto'
import type { Asked } from '../../core/asked.ts'
import type { Call } from '../../core/call.ts'
import type { ClientRequest, Operation } from '../../core/dialect.ts'
import { canonicalJson } from './canonical-json.ts'

/** Who may be given an answer: the callers of one tenant, or every caller of the route. */
type TenantScope = `key-${string}` | 'route'

/** Beside what the client sent: what else an answer depends on. */
export interface KeySetup {
  /** The route whose answers these are; a call may have been sent on by another one. */
  readonly route: string
  readonly scope: 'key' | 'route'
  /** Request headers of which different values are different requests, in lower case. */
  readonly varyHeaders: readonly string[]
  /** Changes when the route is configured otherwise. */
  readonly fingerprint: string
}

/** Where the answer to a call is kept; undefined when it must not be. */
export function keyOf(call: Call & { readonly asked?: Asked }, setup: KeySetup): string | undefined {
  const { asked, request, caller } = call
  if (!asked || !KEPT.has(request.operation)) return undefined
  const body = canonicalJson(asked.body)
  if (body === undefined) return undefined
  const scope: TenantScope = setup.scope === 'key' ? `key-${caller.tenant}` : 'route'
  const aside = [
    setup.fingerprint,
    asked.endpoint,
    replyShape(request),
    Object.entries(request.headers ?? {}).toSorted(byFirst),
    // Gemini's clients may send their credential as `key`; it says who asks, which is the scope's matter.
    [...caller.head.search].filter(([name]) => name !== 'key').toSorted(byFirst),
    setup.varyHeaders.map((name) => caller.header(name) ?? null),
  ]
  return cacheKey(scope, setup.route, { body, aside: JSON.stringify(aside) })
}

/** The scope stands in front and is not hashed with the rest: no request can be made to look like another tenant's. */
function cacheKey(
  scope: TenantScope,
  route: string,
  { aside, body }: { aside: string; body: string },
): string {
  const digest = createHash('sha256').update(aside).update(body, 'latin1').digest('base64url')
  return `cache:1:${scope}:${route}:${digest}`
}

/** Operations whose answers are kept. Pictures and sound are large, and raw requests may do anything. */
const KEPT: ReadonlySet<Operation> = new Set<Operation>(['chat', 'embeddings', 'rerank'])

/** What decides, beside the endpoint, how a reply looks. */
function replyShape(request: ClientRequest): unknown[] {
  const { operation, speaks = null } = request
  if (request.operation !== 'chat') return [operation, speaks]
  const { stream, streamType = null, takesWhole = false, repliesAs } = request
  return [
    operation,
    speaks,
    stream,
    streamType,
    takesWhole,
    repliesAs.whole ?? null,
    repliesAs.stream ?? null,
  ]
}

function byFirst([a]: readonly [string, string], [b]: readonly [string, string]): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
