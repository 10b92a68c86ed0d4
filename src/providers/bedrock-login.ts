import { GatewayError } from '../core/error.ts'
import { asNumber } from '../core/json.ts'
import type { ProviderConfig } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { awsCredentials, type AwsCredentialSource } from './aws-credentials.ts'
import { AwsSigner, type AwsCredentials, type SignableRequest } from './aws-signature.ts'
import { awsConfigOf } from './bedrock-options.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import type { HttpProviderSetup, OutgoingRequest } from './http-provider.ts'

type Login = Pick<HttpProviderSetup, 'headers' | 'secrets' | 'authorize'>

/** A bearer token goes as it is; everybody else signs. */
export function bedrockLogin(config: ProviderConfig, region: string): Login {
  const aws = awsConfigOf(config)
  const keys = readKeys(aws)
  const token = secretOption(config, 'aws_bearer_token') ?? environmentToken(config)
  if (token) return { headers: bearer(token), secrets: [token] }
  const arn = textOption(aws, 'aws_role_arn')
  const source = awsCredentials({
    region,
    keys,
    profile: textOption(config, 'aws_profile'),
    role: arn === undefined ? undefined : { arn, durationSeconds: asNumber(aws['session_length_seconds']) },
  })
  return {
    headers: {},
    secrets: SECRETS.flatMap((name) => secretOption(aws, name) ?? []),
    authorize: signing(new AwsSigner({ service: 'bedrock', region }), source),
  }
}

/** Amazon's own SDKs take this one before other credentials of the machine. */
function environmentToken(config: ProviderConfig): Secret | undefined {
  const token = process.env['AWS_BEARER_TOKEN_BEDROCK']
  const aws = awsConfigOf(config)
  const isOther = config['aws_profile'] ?? aws['aws_access_key_id'] ?? aws['aws_role_arn']
  return token && isOther === undefined ? new Secret(token) : undefined
}

const SECRETS = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token']

function readKeys(aws: ProviderConfig): AwsCredentials | undefined {
  const accessKeyId = secretOption(aws, 'aws_access_key_id')
  const secretAccessKey = secretOption(aws, 'aws_secret_access_key')
  const sessionToken = secretOption(aws, 'aws_session_token')
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId: accessKeyId.reveal(), secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

function signing(
  signer: AwsSigner,
  source: AwsCredentialSource,
): NonNullable<HttpProviderSetup['authorize']> {
  return (request) => {
    if (!isSignable(request)) throw unsignable()
    const credentials = source()
    return credentials instanceof Promise
      ? credentials.then((fresh) => signer.sign(request, fresh))
      : signer.sign(request, credentials)
  }
}

function isSignable(request: OutgoingRequest): request is SignableRequest {
  const { body } = request
  return body === null || typeof body === 'string' || Buffer.isBuffer(body)
}

function unsignable(): GatewayError {
  return new GatewayError(
    'A request to Amazon is signed, which takes the whole of its body; this one is sent on while it arrives. Use a route with aws_bearer_token for such requests.',
    { kind: 'bad_request', status: 422 },
  )
}
