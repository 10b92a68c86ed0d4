import { GatewayError } from '../../core/error.ts'
import type { Provider } from '../../core/provider.ts'

/**
 * In the place of one whose credential is not to be had: it says what it would serve, and refuses. What the route has
 * beside it is tried as after any other wrong key. `create` may fail without the credential.
 */
export function unavailableProvider(name: string, create: () => Provider): Provider {
  const real = attemptTo(create)
  const refuse = (): Promise<never> => Promise.reject(refusal(name))
  return {
    name,
    model: real?.model ?? null,
    ...(real?.omitsModel !== undefined && { omitsModel: real.omitsModel }),
    formats: real?.formats ?? [],
    secrets: [],
    send: refuse,
    ...(real?.forward && { forward: refuse }),
    close: () => real?.close() ?? Promise.resolve(),
  }
}

function attemptTo(create: () => Provider): Provider | undefined {
  try {
    return create()
  } catch {
    return undefined
  }
}

/** Why it is not there is the operator's business, who finds it in the log and the admin API. */
function refusal(name: string): GatewayError {
  const message = `The gateway has no credential for ${name} now. Whoever runs it can see why.`
  return new GatewayError(message, { kind: 'auth', status: 502 })
}
