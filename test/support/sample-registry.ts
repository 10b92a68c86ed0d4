import { option } from '../../src/core/options.ts'
import type { ProviderDefinition } from '../../src/core/provider.ts'
import { ROUTE_TYPES } from '../../src/core/route.ts'
import { policies } from '../../src/policies/index.ts'
import type { Registry } from '../../src/config/registry.ts'

const create: ProviderDefinition['create'] = () => {
  throw new Error('not made by a configuration')
}

/** Two providers with every kind of option, for the tests of this folder. */
export const sampleRegistry: Registry = {
  policies,
  providers: [
    {
      name: 'openai',
      routeTypes: ROUTE_TYPES,
      options: option.object({
        openai_api_key: option.secret({
          description: 'The key of the account. It is sent as a bearer token.',
        }),
        openai_api_type: option.optional(
          option.oneOf(['openai', 'azure'], {
            default: 'openai',
            ignoreCase: true,
          }),
        ),
        openai_organization: option.optional(option.string()),
        retries: option.optional(option.integer({ minimum: 0, maximum: 5 })),
        pause: option.optional(option.duration({ description: 'A pause.', default: '1.5s' })),
        tags: option.optional(option.list(option.string({ pattern: '^[a-z]+$', hint: 'use small letters' }))),
        latency: option.optional({
          anyOf: [
            option.duration({ description: 'Fixed.' }),
            option.object({ mean: option.number(), shape: option.oneOf(['normal', 'flat']) }),
          ],
        }),
        headers: option.optional({
          type: 'object',
          additionalProperties: option.secret({ description: 'A header.' }),
        }),
        extras: option.optional(option.object({}, { additionalProperties: true })),
      }),
      check: (config) =>
        config.openai_api_type === 'azure' && config.openai_organization
          ? [
              {
                path: ['openai_organization'],
                message: `cannot be used with azure\nand ${JSON.stringify(config.openai_api_key)}`,
              },
            ]
          : [],
      create,
    },
    {
      name: 'two-words',
      routeTypes: ['llm/v1/chat', 'llm/v1/completions'],
      options: option.object({ speed: option.optional(option.number({ exclusiveMinimum: 0 })) }),
      create,
    },
  ],
}
