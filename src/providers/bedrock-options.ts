import { isObject, type JsonObject } from '../core/json.ts'
import { option, type OptionsSchema } from '../core/options.ts'
import type { ConfigIssue, ProviderConfig } from '../core/provider.ts'
import { checkUrl } from './check-url.ts'
import { textOption } from './config-values.ts'

const awsConfig = option.object({
  aws_region: option.optional(
    option.string({
      description: 'The region, such as `us-east-1`. Absent: `AWS_REGION` of the environment.',
      pattern: '^[a-z]{2}(?:-[a-z]+)+-\\d$',
      hint: 'write a region such as us-east-1',
    }),
  ),
  aws_access_key_id: option.optional(
    option.secret({
      description: 'An access key. With `aws_secret_access_key`.',
      examples: ['$AWS_ACCESS_KEY_ID'],
    }),
  ),
  aws_secret_access_key: option.optional(
    option.secret({ description: 'The secret of the access key.', examples: ['$AWS_SECRET_ACCESS_KEY'] }),
  ),
  aws_session_token: option.optional(
    option.secret({ description: 'With temporary keys: their session.', examples: ['$AWS_SESSION_TOKEN'] }),
  ),
  aws_role_arn: option.optional(
    option.string({
      description: 'A role to take on, with the keys above or with those that the machine has.',
      pattern: '^arn:aws[a-z-]*:iam::',
      hint: 'write the ARN of a role, arn:aws:iam::123456789012:role/name',
    }),
  ),
  session_length_seconds: option.optional(
    option.integer({
      description: 'How long the role is taken on for at a time.',
      minimum: 900,
      maximum: 43_200,
    }),
  ),
})

const guardrail = option.object({
  id: option.string({ description: 'The id or ARN of the guardrail.', minLength: 1 }),
  version: option.optional(option.string({ description: 'Its version.', default: 'DRAFT', minLength: 1 })),
})

/** The keys of `model.config`. */
export const bedrockOptions: OptionsSchema = option.object({
  aws_config: option.optional({
    ...awsConfig,
    description:
      'Where and as whom to call. Without keys, a profile or a bearer token, the credentials of the machine are used (environment, profile, web identity, container, instance), which needs the package `@aws-sdk/credential-provider-node`.',
  }),
  aws_profile: option.optional(
    option.string({ description: "One of the machine's profiles, in place of keys.", minLength: 1 }),
  ),
  aws_bearer_token: option.optional(
    option.secret({
      description: 'An API key of Bedrock, in place of keys.',
      examples: ['$AWS_BEARER_TOKEN_BEDROCK'],
    }),
  ),
  bedrock_api_base: option.optional(
    option.string({ description: "Where the API is, in place of the region's own, as for a VPC endpoint." }),
  ),
  guardrail: option.optional({ ...guardrail, description: 'A guardrail that watches over every chat.' }),
})

/** What fits together. */
export function checkBedrock(config: JsonObject, model: string | null): ConfigIssue[] {
  const issues = checkUrl(config, 'bedrock_api_base')
  const aws = isObject(config['aws_config']) ? config['aws_config'] : {}
  const { aws_access_key_id: key, aws_secret_access_key: secret, aws_session_token: session } = aws
  const report = (path: string[], message: string): void => void issues.push({ path, message })
  if (model === null)
    report([], 'needs the name of a model; write its id, as in "name: amazon.nova-lite-v1:0"')
  if ((key === undefined) !== (secret === undefined)) {
    report(['aws_config'], 'has only one of aws_access_key_id and aws_secret_access_key; write both')
  }
  if (session !== undefined && key === undefined) {
    report(['aws_config'], 'has an aws_session_token without the keys that it belongs to')
  }
  if (aws['session_length_seconds'] !== undefined && aws['aws_role_arn'] === undefined) {
    report(['aws_config'], 'has session_length_seconds without aws_role_arn')
  }
  if (aws['aws_region'] === undefined && environmentRegion() === undefined) {
    report(['aws_config'], 'has no aws_region, and AWS_REGION is not set; write one of them')
  }
  const ways = [key, config['aws_profile'], config['aws_bearer_token']].filter((way) => way !== undefined)
  if (ways.length > 1) {
    report(
      [],
      'has more than one of aws_config.aws_access_key_id, aws_profile and aws_bearer_token; keep one',
    )
  }
  return issues
}

/** The mapping `aws_config`; its secrets are secrets. */
export function awsConfigOf({ aws_config: aws }: ProviderConfig): ProviderConfig {
  return typeof aws === 'object' && aws !== null ? { ...aws } : {}
}

/** The region: the configuration's, or the one that Amazon's own SDKs would take. */
export function regionOf(config: ProviderConfig): string {
  return textOption(awsConfigOf(config), 'aws_region') ?? environmentRegion() ?? ''
}

function environmentRegion(): string | undefined {
  return process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION']
}
