import type { CancelSignal } from '../core/cancel.ts'
import type { RawClientRequest } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { Provider, UpstreamReply } from '../core/provider.ts'
import type { Reply } from '../core/reply.ts'
import { notServed } from './choose-format.ts'
import { presentable, scrub } from './failure.ts'
import { forwardReply } from './forward-reply.ts'
import { readWhole } from './read-body.ts'

/** Any request to the provider's own API. Its answer goes on as it came: status, body, and the headers that concern it. */
export async function forwardRaw(
  provider: Provider,
  request: RawClientRequest,
  signal: CancelSignal,
): Promise<Reply> {
  if (!provider.forward) throw notServed(provider, request)
  const { method, path, headers, body } = request
  const upstream = await provider.forward({ method, path, headers, signal, ...(body ? { body } : {}) })
  const { status } = upstream
  if (status === 401 || status === 403) {
    upstream.body.cancel()
    throw presentable(new GatewayError('', { kind: 'auth', status }), provider)
  }
  const shown = { status, headers: shownHeaders(upstream, provider), dropped: [] }
  if (status < 400) return { ...forwardReply(undefined, upstream), ...shown }
  // A refusal may repeat the credential that it refuses.
  const text = scrub((await readWhole(upstream.body)).toString('latin1'), provider.secrets)
  const { contentType } = upstream
  return {
    body: { type: 'whole', text: Buffer.from(text, 'latin1'), contentType },
    finished: Promise.resolve({}),
    ...shown,
  }
}

/** What of a provider's headers a client may see: nothing of the connection, no cookie, no redirect to follow. */
const SHOWN =
  /^(?:content-(?:disposition|language|range)|accept-ranges|etag|last-modified|retry-after(?:-ms)?|x-request-id|request-id|(?:x|anthropic)-ratelimit-.*)$/

function shownHeaders({ headers = {} }: UpstreamReply, { secrets }: Provider): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && SHOWN.test(name)) shown[name] = scrub(value, secrets)
  }
  return shown
}
