import { GatewayError } from '../core/error.ts'
import { Secret } from '../core/secret.ts'
import { domainOf } from './aws-region.ts'
import { AwsSigner, type AwsCredentials } from './aws-signature.ts'
import type { FreshToken } from './expiring-token.ts'
import { leasePool } from './pool.ts'

const TIMEOUT_MS = 30_000
/** How the role's actions are named in Amazon's own logs. */
const SESSION_NAME = 'mlflow-gateway'

export interface AssumedRole {
  region: string
  arn: string
  /** An hour when absent. */
  durationSeconds?: number | undefined
}

/**
 * Credentials of a role, for someone who may take it on. `AWS_ENDPOINT_URL_STS` names another service to ask.
 * Spec: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export async function assumeRole(
  role: AssumedRole,
  base: AwsCredentials,
): Promise<FreshToken<AwsCredentials>> {
  try {
    const answer = await post(role, base)
    const accessKeyId = textOf(answer, 'AccessKeyId')
    const expiresAt = Date.parse(textOf(answer, 'Expiration'))
    return {
      token: {
        accessKeyId,
        secretAccessKey: new Secret(textOf(answer, 'SecretAccessKey')),
        sessionToken: new Secret(textOf(answer, 'SessionToken')),
      },
      lifeMs: expiresAt - Date.now(),
    }
  } catch (cause) {
    throw new GatewayError(
      'AWS did not let the gateway take on the role in aws_role_arn. Check its trust policy.',
      {
        kind: 'auth',
        status: 502,
        cause,
      },
    )
  }
}

async function post({ region, arn, durationSeconds }: AssumedRole, base: AwsCredentials): Promise<string> {
  const endpoint = process.env['AWS_ENDPOINT_URL_STS'] ?? `https://sts.${region}.${domainOf(region)}`
  const { origin } = new URL(endpoint)
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: arn,
    RoleSessionName: SESSION_NAME,
    ...(durationSeconds === undefined ? {} : { DurationSeconds: String(durationSeconds) }),
  })
  const request = {
    origin,
    path: '/',
    method: 'POST' as const,
    body: form.toString(),
    contentType: 'application/x-www-form-urlencoded',
  }
  const signed = new AwsSigner({ service: 'sts', region }).sign(request, base)
  const headers: Record<string, string> = { 'content-type': request.contentType }
  for (const [name, value] of Object.entries(signed)) {
    headers[name] = value instanceof Secret ? value.reveal() : value
  }
  const pool = leasePool(origin, 'aws-sts')
  try {
    const { path, method, body } = request
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const reply = await pool.dispatcher.request({ origin, path, method, headers, body, signal })
    const text = await reply.body.text()
    if (reply.statusCode === 200) return text
    throw new TypeError(optionalText(text, 'Message') ?? `the answer has status ${reply.statusCode}`)
  } finally {
    await pool.release()
  }
}

/** An element's text; the service answers in XML, whose elements here hold no others. */
function textOf(xml: string, name: string): string {
  const text = optionalText(xml, name)
  if (text === undefined) throw new TypeError(`the answer holds no ${name}`)
  return text
}

function optionalText(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1]?.trim()
}
