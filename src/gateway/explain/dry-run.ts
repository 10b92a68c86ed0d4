import type { Call } from '../../core/call.ts'
import { toGatewayError } from '../../core/error.ts'
import type { Secret } from '../../core/secret.ts'
import { Trail } from '../../core/trail.ts'
import type { PlanTarget } from '../plan/plan.ts'
import { scrub } from '../failure.ts'
import { writeRequest } from '../write-request.ts'
import { curlCommand } from './curl.ts'
import { Unsent } from './dry-registry.ts'
import type { UpstreamRequest } from './explanation.ts'

/** How far a call gets at one target without a provider. */
export type DryOutcome =
  | { readonly type: 'unsent'; readonly unsent: Unsent }
  /** In the client's words, without any of `secrets`. */
  | { readonly type: 'refused'; readonly message: string }
  /** The gateway answers by itself (an estimate of tokens). */
  | { readonly type: 'answered' }

/** Runs a call at a target whose provider is dry (`DryRegistry`): as a real one, up to where it would be sent. */
export async function dryRun(
  target: PlanTarget,
  call: Call,
  secrets: readonly Secret[],
): Promise<DryOutcome> {
  try {
    await target.run({ ...call, trail: new Trail() })
    return { type: 'answered' }
  } catch (thrown) {
    if (thrown instanceof Unsent) return { type: 'unsent', unsent: thrown }
    const { message, parameter } = toGatewayError(thrown)
    const name = parameter === undefined ? '' : call.request.parameterName(parameter)
    return { type: 'refused', message: scrub(message.replace('{parameter}', name), secrets) }
  }
}

/** The request that was not sent, without any of `secrets`. */
export function describeUnsent(
  { provider, attempt }: Unsent,
  { target, call, secrets }: { target: PlanTarget; call: Call; secrets: readonly Secret[] },
): UpstreamRequest {
  const { request } = call
  const hide = (text: string): string => scrub(text, secrets)
  const described = provider.describe?.(attempt)
  const body = hide((described?.body ?? attempt.body).toString())
  const http = described && {
    method: described.method,
    url: hide(described.url),
    headers: described.headers.map(([name, value]) => [name, hide(value)] as const),
  }
  return {
    route: target.route,
    target: target.name,
    provider: provider.name,
    model: provider.model,
    format: attempt.format.name,
    isTranslated: request.passThrough(attempt.format.name, provider) === undefined,
    // What is left out is not changed by what the route's `params` add.
    dropped: writeRequest(request, { provider }, attempt.format).dropped,
    body,
    http: http ? { ...http, curl: curlCommand({ ...http, body }) } : null,
    notes: described?.notes ?? [`The provider '${provider.name}' makes no HTTP request that could be shown.`],
  }
}
