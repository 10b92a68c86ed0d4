import type * as GoogleLibrary from 'google-auth-library'
import { GatewayError } from '../core/error.ts'
import { asString, isObject, type JsonObject } from '../core/json.ts'
import { Secret } from '../core/secret.ts'
import { ExpiringToken, type FreshToken } from './expiring-token.ts'
import { fetchToken } from './fetch-token.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const TOKEN_URI = 'https://oauth2.googleapis.com/token'
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** Google's tokens live an hour; asked again after this when nobody says how long. */
const DEFAULT_LIFE_MS = 5 * 60_000

/**
 * Access tokens of Google Cloud. `credentials` is the JSON of a service account's key, or of another kind of credentials;
 * without, it is whatever the machine has (`GOOGLE_APPLICATION_CREDENTIALS`, gcloud, the metadata server).
 */
export function googleToken(credentials: Secret | undefined): ExpiringToken {
  const given = credentials && parse(credentials)
  if (given?.['type'] !== 'service_account') return new ExpiringToken(() => fetchFromLibrary(given))
  const account = readAccount(given)
  return new ExpiringToken(() => fetchForAccount(account))
}

interface ServiceAccount {
  email: string
  key: string
  keyId: string | undefined
  tokenUri: string
}

function parse(credentials: Secret): JsonObject {
  try {
    const value: unknown = JSON.parse(credentials.reveal())
    if (isObject(value)) return value
  } catch {
    // The parser's own message quotes the text.
  }
  throw new TypeError('vertex_credentials is not the JSON of a service account; give the file or its text')
}

function readAccount(account: JsonObject): ServiceAccount {
  const email = asString(account['client_email'])
  const key = asString(account['private_key'])
  const keyId = asString(account['private_key_id'])
  const tokenUri = asString(account['token_uri']) ?? TOKEN_URI
  if (email !== undefined && key !== undefined && URL.canParse(tokenUri))
    return { email, key, keyId, tokenUri }
  throw new TypeError('vertex_credentials lacks client_email or private_key; download the key once more')
}

/** Source: https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
async function fetchForAccount(account: ServiceAccount): Promise<FreshToken> {
  try {
    const body = new URLSearchParams({ grant_type: GRANT_TYPE, assertion: await sign(account) })
    return await fetchToken({ uri: account.tokenUri, body: body.toString() })
  } catch (cause) {
    throw failed('Check the service account in vertex_credentials.', cause)
  }
}

async function sign({ email, key, keyId, tokenUri }: ServiceAccount): Promise<string> {
  // Loaded when it is needed: it would hold up the start of every worker.
  const { importPKCS8, SignJWT } = await import('jose')
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(email)
    .setAudience(tokenUri)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(await importPKCS8(key, 'RS256'))
}

/** Every other kind of credentials, through Google's own library. */
async function fetchFromLibrary(credentials: JsonObject | undefined): Promise<FreshToken> {
  const { GoogleAuth } = await loadLibrary()
  try {
    const auth = new GoogleAuth({ scopes: [SCOPE], ...(credentials ? { credentials } : {}) })
    const client = await auth.getClient()
    const { token } = await client.getAccessToken()
    if (!token) throw new TypeError('the credentials gave no token')
    const expiresAt = client.credentials.expiry_date
    return { token: new Secret(token), lifeMs: expiresAt ? expiresAt - Date.now() : DEFAULT_LIFE_MS }
  } catch (cause) {
    throw failed('Run `gcloud auth application-default login`, or set vertex_credentials.', cause)
  }
}

async function loadLibrary(): Promise<typeof GoogleLibrary> {
  try {
    return await import('google-auth-library')
  } catch (cause) {
    throw failed('These credentials need a package: run `npm install google-auth-library`.', cause)
  }
}

function failed(advice: string, cause: unknown): GatewayError {
  return new GatewayError(`Google gave no access token. ${advice}`, { kind: 'auth', status: 502, cause })
}
