import { GatewayError } from '../core/error.ts'
import type { Secret } from '../core/secret.ts'
import { ExpiringToken, type FreshToken } from './expiring-token.ts'
import { fetchToken } from './fetch-token.ts'

export interface ServicePrincipal {
  /** The workspace's address, without a slash at its end. */
  host: string
  id: string
  secret: Secret
}

/**
 * Tokens for a service principal.
 * Spec: https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m
 */
export function databricksToken(principal: ServicePrincipal): ExpiringToken {
  return new ExpiringToken(() => login(principal))
}

async function login({ host, id, secret }: ServicePrincipal): Promise<FreshToken> {
  const credentials = Buffer.from(`${id}:${secret.reveal()}`).toString('base64')
  try {
    return await fetchToken({
      uri: `${host}/oidc/v1/token`,
      body: 'grant_type=client_credentials&scope=all-apis',
      headers: { authorization: `Basic ${credentials}` },
    })
  } catch (cause) {
    throw new GatewayError(
      'Databricks gave no token for the service principal. Check client_id, client_secret and host.',
      { kind: 'auth', status: 502, cause },
    )
  }
}
