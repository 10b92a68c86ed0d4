import { Type } from 'typebox'
import { DurationOption, SecretOption } from '../../src/core/options.ts'
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
      options: Type.Object({
        openai_api_key: SecretOption({
          description: 'The key of the account. It is sent as a bearer token.',
        }),
        openai_api_type: Type.Optional(
          Type.Union([Type.Literal('openai'), Type.Literal('azure')], {
            default: 'openai',
            ignoreCase: true,
          }),
        ),
        openai_organization: Type.Optional(Type.String()),
        retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 5 })),
        pause: Type.Optional(DurationOption({ description: 'A pause.', default: '1.5s' })),
        tags: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z]+$', hint: 'use small letters' }))),
        latency: Type.Optional(
          Type.Union([
            DurationOption({ description: 'Fixed.' }),
            Type.Object({ mean: Type.Number(), shape: Type.Enum(['normal', 'flat']) }),
          ]),
        ),
        headers: Type.Optional(Type.Record(Type.String(), SecretOption({ description: 'A header.' }))),
        extras: Type.Optional(Type.Object({}, { additionalProperties: true })),
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
      options: Type.Object({ speed: Type.Optional(Type.Number({ exclusiveMinimum: 0 })) }),
      create,
    },
  ],
}
