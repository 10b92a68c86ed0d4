import { environmentVariable } from './environment.ts'
import type { GatewayUri } from './uri.ts'

/** How the caller may name itself to the gateway. */
export interface CredentialOptions {
  /** Sent as `Authorization: Bearer`. */
  token?: string | undefined
  /** Sent with `password` as `Authorization: Basic`. */
  username?: string | undefined
  password?: string | undefined
}

/** A credential that is ready to be sent and knows how to hide itself. Keep it in a private field. */
export interface Credential {
  /** The value of the `Authorization` header. */
  authorization: string
  /** `text` without any trace of the credential, for servers that repeat what they were sent. */
  redact: (text: string) => string
}

/**
 * The credential to send: from the options, else from the URI, else from MLflow's environment variables (a user name
 * and password before a token, as MLflow's own client does). Throws a `TypeError` that never shows the credential.
 */
export function findCredential(
  options: CredentialOptions,
  login: GatewayUri['login'],
): Credential | undefined {
  const { token, username, password } = options
  if (token !== undefined && username !== undefined) {
    throw new TypeError('Give either a token or a username and password, not both.')
  }
  if ((username === undefined) !== (password === undefined)) {
    throw new TypeError('A username and a password are needed together.')
  }
  if (token !== undefined) return bearer(token)
  if (username !== undefined && password !== undefined) return basic(username, password)
  if (login) return basic(login.username, login.password)
  return fromEnvironment()
}

/** The credential that the caller's own `authorization` header is. */
export function headerCredential(headers: Headers): Credential | undefined {
  const authorization = headers.get('authorization')
  if (!authorization) return undefined
  return { authorization, redact: redactor([authorization.replace(/^\S+\s+/, '')]) }
}

function fromEnvironment(): Credential | undefined {
  const username = environmentVariable('MLFLOW_TRACKING_USERNAME')
  const password = environmentVariable('MLFLOW_TRACKING_PASSWORD')
  if (username && password) return basic(username, password)
  const token = environmentVariable('MLFLOW_TRACKING_TOKEN')
  return token ? bearer(token) : undefined
}

function bearer(token: string): Credential {
  // Checked here because `Headers` would quote the token in its own error.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new TypeError('The token must be printable ASCII without spaces or line breaks.')
  }
  return { authorization: `Bearer ${token}`, redact: redactor([token]) }
}

function basic(username: string, password: string): Credential {
  // RFC 7617: the first colon ends the user name.
  if (username.includes(':')) throw new TypeError('The username must not contain a colon.')
  const bytes = new TextEncoder().encode(`${username}:${password}`)
  const encoded = btoa(String.fromCodePoint(...bytes))
  return { authorization: `Basic ${encoded}`, redact: redactor([password, encoded]) }
}

/** Shorter texts are common words too; hiding those would garble answers and hide nothing. */
const SHORTEST_SECRET = 8

function redactor(secrets: string[]): (text: string) => string {
  // Inside a JSON answer the secret stands escaped.
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
  const hidden = forms.filter((form) => form.length >= SHORTEST_SECRET)
  return (text) => hidden.reduce((clean, form) => clean.replaceAll(form, '[redacted]'), text)
}
