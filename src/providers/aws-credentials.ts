import type * as AwsLibrary from '@aws-sdk/credential-provider-node'
import { GatewayError } from '../core/error.ts'
import { Secret } from '../core/secret.ts'
import { assumeRole, type AssumedRole } from './aws-assume-role.ts'
import type { AwsCredentials } from './aws-signature.ts'
import { ExpiringToken, type FreshToken } from './expiring-token.ts'

/** Credentials without an end are asked for again after this, should somebody have changed them. */
const DEFAULT_LIFE_MS = 15 * 60_000

export interface AwsLogin {
  region: string
  /** Keys of one's own; without, what the machine has: environment, profile, web identity, container, instance. */
  keys?: AwsCredentials | undefined
  /** One of the machine's profiles. */
  profile?: string | undefined
  /** A role to take on with those. */
  role?: Pick<AssumedRole, 'arn' | 'durationSeconds'> | undefined
}

/** Gives the credentials of now. Rejects with a `GatewayError` when there are none. */
export type AwsCredentialSource = () => AwsCredentials | Promise<AwsCredentials>

/** Credentials as the configuration describes them, kept until shortly before they expire. */
export function awsCredentials({ region, keys, profile, role }: AwsLogin): AwsCredentialSource {
  const base = keys ? () => keys : fromMachine(profile)
  if (!role) return base
  const assumed = new ExpiringToken(async () => assumeRole({ ...role, region }, await base()))
  return () => assumed.get()
}

function fromMachine(profile: string | undefined): AwsCredentialSource {
  const chain = new ExpiringToken(() => fetchFromLibrary(profile))
  return () => chain.get()
}

async function fetchFromLibrary(profile: string | undefined): Promise<FreshToken<AwsCredentials>> {
  const { defaultProvider } = await loadLibrary()
  try {
    const found = await defaultProvider(profile === undefined ? {} : { profile })()
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = found
    return {
      token: {
        accessKeyId,
        secretAccessKey: new Secret(secretAccessKey),
        ...(sessionToken === undefined ? {} : { sessionToken: new Secret(sessionToken) }),
      },
      lifeMs: expiration ? expiration.getTime() - Date.now() : DEFAULT_LIFE_MS,
    }
  } catch (cause) {
    throw noCredentials('Run `aws configure`, set AWS_ACCESS_KEY_ID, or give keys in aws_config.', cause)
  }
}

async function loadLibrary(): Promise<typeof AwsLibrary> {
  try {
    return await import('@aws-sdk/credential-provider-node')
  } catch (cause) {
    throw noCredentials('These need a package: run `npm install @aws-sdk/credential-provider-node`.', cause)
  }
}

/** The failure of a request that cannot be signed. */
function noCredentials(advice: string, cause?: unknown): GatewayError {
  return new GatewayError(`There are no AWS credentials. ${advice}`, { kind: 'auth', status: 502, cause })
}
