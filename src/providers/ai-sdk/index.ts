import type { ChatFormat, EmbeddingsFormat } from '../../core/dialect.ts'
import { asObject, asString, type JsonObject } from '../../core/json.ts'
import { option } from '../../core/options.ts'
import type { ConfigIssue, ProviderDefinition } from '../../core/provider.ts'
import { AiSdkProvider } from './ai-sdk-provider.ts'
import { isInstalled } from './load-package.ts'

const anyMapping = (description: string): ReturnType<typeof option.object> =>
  option.object({}, { additionalProperties: true, description })

const options = option.object({
  package: option.string({
    description:
      'The npm package, which must be installed where the gateway is started or where it is installed.',
    examples: ['@ai-sdk/groq'],
    pattern: '^(@[a-z0-9][a-z0-9._~-]*/)?[a-z0-9][a-z0-9._~-]*$',
    hint: 'write the name of an npm package',
  }),
  factory: option.optional(
    option.string({
      description: "The package's export that makes a provider; the first named `create...` when left out.",
      examples: ['createGroq'],
    }),
  ),
  api_key: option.optional(
    option.secret({
      description: 'Passed to the factory as `apiKey`; packages else read a variable of their own.',
    }),
  ),
  options: option.optional(anyMapping('More for the factory, such as `baseURL`, in its own words.')),
  provider_options: option.optional(
    anyMapping("The package's `providerOptions` for each call, such as `groq: {serviceTier: flex}`."),
  ),
})

export interface AiSdkFormats {
  chat: ChatFormat
  embeddings: EmbeddingsFormat
}

/** Any provider of the Vercel AI SDK, in this process: for the many that the gateway does not speak to itself. */
export function aiSdkProvider(formats: AiSdkFormats): ProviderDefinition {
  return {
    name: 'ai-sdk',
    routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'],
    options,
    check,
    create: (setup) => new AiSdkProvider(setup, formats),
  }
}

function check(config: JsonObject, model: string | null): ConfigIssue[] {
  const issues: ConfigIssue[] = []
  const name = asString(config['package']) ?? ''
  if (!isInstalled(name))
    issues.push({ path: ['package'], message: `is not installed; run: npm install ${name}` })
  if (model === null) issues.push({ path: [], message: 'needs model.name: the packages ask for one' })
  if ('apiKey' in asObject(config['options'])) {
    issues.push({
      path: ['options', 'apiKey'],
      message: 'is not kept secret here; write it as api_key, one level up',
    })
  }
  return issues
}
