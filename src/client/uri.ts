/** A gateway's address, taken apart. */
export interface GatewayUri {
  /** As the user gave it, but for a user name and password in it. */
  text: string
  /** What a path such as `/gateway/chat/invocations` is appended to. */
  base: string
  /** `user:password` as they stood in the URI, percent-decoded. */
  login: { username: string; password: string } | undefined
}

/**
 * Reads a gateway's URI by MLflow's rule, scheme and host are required, and a path prefix is kept.
 * Throws a `TypeError` that says what is missing.
 */
export function parseGatewayUri(uri: string): GatewayUri {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?([^/?#@]+)([^?#]*)(.*)$/is.exec(uri)
  const [, scheme = '', userInfo, host = '', path = '', rest = ''] = parts ?? []
  if (!parts || !URL.canParse(`http://${host}`)) {
    throw new TypeError(`${quote(uri)} is not a gateway URI: it needs a scheme and a host. ${EXAMPLE}`)
  }
  if (!/^https?$/i.test(scheme)) {
    throw new TypeError(`${quote(uri)} is not a gateway URI: its scheme must be http or https. ${EXAMPLE}`)
  }
  if (rest !== '') {
    throw new TypeError(
      `${quote(uri)} is not a gateway URI: it must not have a query or fragment. ${EXAMPLE}`,
    )
  }
  const text = `${scheme}://${host}${path}`
  return { text, base: text.replace(/\/+$/, ''), login: readLogin(userInfo) }
}

/** The absolute URL of a route's `route_url`, which gateways give relative to themselves. */
export function resolveRouteUrl(base: string, routeUrl: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(routeUrl)) return routeUrl
  return `${base.replace(/\/+$/, '')}/${routeUrl.replace(/^\/+/, '')}`
}

/** A route's name as one segment of a path. Throws a `TypeError` for what can be no such segment. */
export function routeSegment(name: string): string {
  if (typeof name !== 'string' || name === '') throw new TypeError('The name of a route is required.')
  // Every URL parser resolves these two away, however they are escaped.
  if (name === '.' || name === '..') throw new TypeError(`The route name "${name}" cannot be part of a URL.`)
  return encodeURIComponent(name)
}

const EXAMPLE = 'Write it like "http://localhost:5000".'

function quote(uri: unknown): string {
  if (typeof uri !== 'string') return `A value of type ${typeof uri}`
  // What stands before an @ may be a password.
  return uri.includes('@') ? 'The URI given' : `"${uri}"`
}

function readLogin(userInfo: string | undefined): GatewayUri['login'] {
  if (!userInfo) return undefined
  const colon = userInfo.indexOf(':')
  const [username, password] =
    colon === -1 ? [userInfo, ''] : [userInfo.slice(0, colon), userInfo.slice(colon + 1)]
  return { username: decode(username), password: decode(password) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
