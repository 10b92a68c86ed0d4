import type { AuthConfig } from '../auth/gate.ts'

/** Where the gateway listens, and what its operator allowed at the start. */
export interface Exposure {
  readonly host: string
  readonly allowUnauthenticated: boolean
}

/** Why the gateway must not start with this `auth`, and what to do about it. */
export function exposureProblem(
  auth: AuthConfig | undefined,
  { host, allowUnauthenticated }: Exposure,
): string | undefined {
  if (auth?.mode === 'required' || isLoopback(host)) return undefined
  if (auth === undefined) {
    return `${host} can be reached from other machines, and the configuration does not say who may call; write "auth: required" into it, and make a key with "mlflow-gateway keys create", or list keys below "auth:"`
  }
  if (allowUnauthenticated) return undefined
  return `${host} can be reached from other machines, and "auth: none" lets anybody in who can; write "auth: required", or add --allow-unauthenticated if that is meant`
}

/** What the operator should know of an `auth` that lets anybody in. */
export function exposureWarning(
  auth: AuthConfig | undefined,
  { host }: Pick<Exposure, 'host'>,
): string | undefined {
  if (auth?.mode === 'required') return undefined
  if (!isLoopback(host)) return `anybody who can reach ${host} may use every route: "auth: none"`
  return auth
    ? undefined
    : 'every program on this machine may use every route; write "auth: required" to ask for a key, or "auth: none" to be warned no more'
}

/** What of a configuration decides who may call. */
export interface Admitting {
  readonly auth?: AuthConfig | undefined
  readonly server: { readonly allowDestructiveReload: boolean }
}

/**
 * Why a reload from `before` is refused. Half a file, or one of another place, must not open the gateway: the new file
 * itself has to say that it is meant.
 */
export function reloadProblem(
  before: AuthConfig | undefined,
  { auth, server }: Admitting,
  exposure: Exposure,
): string | undefined {
  if (!server.allowDestructiveReload && before?.mode === 'required') {
    if (auth?.mode !== 'required') return `auth: callers would no longer be asked who they are; ${IF_MEANT}`
    if (before.keys.length > 0 && auth.keys.length === 0)
      return `auth.keys: none of the ${before.keys.length} keys would be left; ${IF_MEANT}`
    if ((before.issuers ?? []).length > 0 && (auth.issuers ?? []).length === 0)
      return `auth.jwt: tokens would be taken no longer; ${IF_MEANT}`
  }
  const problem = exposureProblem(auth, exposure)
  return problem === undefined ? undefined : `auth: ${problem}`
}

const IF_MEANT =
  'if that is meant, write "allow_destructive_reload: true" below "server:", or restart the gateway'

/** Whether only programs on this machine can reach what listens there. Names other than `localhost` may lead anywhere. */
function isLoopback(host: string): boolean {
  const bare = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:/, '')
  return bare === 'localhost' || bare === '::1' || /^127(?:\.\d{1,3}){1,3}$/.test(bare)
}
