import { ALGORITHMS, type Issuer } from '../auth/jwt/issuer.ts'
import { isSafeUrl } from '../auth/jwt/key-set.ts'
import { isObject } from '../core/json.ts'
import { option, type OptionSchema, type OptionsSchema } from '../core/options.ts'
import type { CheckContext } from './check.ts'
import type { Path } from './issue.ts'

const oneOrMore = (description: string): OptionSchema =>
  option.optional({
    anyOf: [option.string({ minLength: 1 }), option.list(option.string({ minLength: 1 }))],
    description,
  })

const claim = (description: string, name: string): OptionSchema =>
  option.optional(option.string({ description, minLength: 1, default: name }))

/** One of `auth.jwt`. */
export const issuerSchema: OptionsSchema = option.object({
  issuer: option.string({
    description: 'The identity provider, exactly as its tokens name it in "iss".',
    examples: ['https://login.example.com/realms/staff'],
  }),
  audience: {
    anyOf: [option.string({ minLength: 1 }), option.list(option.string({ minLength: 1 }))],
    description: 'What its tokens must name in "aud": the gateway, and nothing else. One of these is enough.',
  },
  jwks_url: option.optional(
    option.string({
      description: 'Where its public keys are. When left out, its OpenID configuration says it.',
    }),
  ),
  algorithms: option.optional(
    option.list(option.oneOf(ALGORITHMS), {
      description: 'How tokens may be signed. All that use a private key when left out.',
    }),
  ),
  require: option.optional(
    option.object(
      {},
      {
        additionalProperties: {
          anyOf: [option.string({ minLength: 1 }), option.list(option.string({ minLength: 1 }))],
        },
        description:
          'Claims that a token must have, each with this value or one of these. An issuer that serves others too, as GitHub does, is safe with it only.',
        examples: [{ repository_owner: 'acme' }],
      },
    ),
  ),
  claims: option.optional(
    option.object(
      {
        user: claim('Whose token it is.', 'sub'),
        team: claim('The team; of a list, the first.', 'team'),
        role: claim('What gives a role at the admin API.', 'roles'),
        routes: option.optional(
          option.string({
            description: 'Names of the routes that may be called: a list, or words with spaces between them.',
            minLength: 1,
          }),
        ),
        tags: option.optional(
          option.object(
            {},
            {
              additionalProperties: { type: 'string' },
              description: 'The claim of each tag, such as project: department.',
            },
          ),
        ),
      },
      {
        description:
          'Where in a token things are: the name of a claim, with dots between objects (realm_access.roles).',
      },
    ),
  ),
  routes: option.optional(
    option.list(option.string({ minLength: 1 }), {
      description:
        'Routes that its tokens may call where no claim says it; "*" stands for any run of characters. All when left out.',
    }),
  ),
  roles: option.optional(
    option.object(
      {
        admin: oneOrMore('Values of the role claim that make an admin.'),
        team_admin: oneOrMore('Those that make an admin of the own team.'),
        viewer: oneOrMore('Those that may look at everything.'),
      },
      { description: 'Who may use the admin API. Nobody, when left out.' },
    ),
  ),
})

/** The items of `auth.jwt`, which have been checked. */
export function readIssuers(items: unknown, path: Path, context: CheckContext): Issuer[] {
  const issuers = Array.isArray(items)
    ? items.flatMap((item: unknown, index) =>
        isObject(item) ? (readIssuer(item, [...path, index], context) ?? []) : [],
      )
    : []
  issuers.forEach(({ issuer }, index) => {
    if (issuers.slice(0, index).some((other) => other.issuer === issuer)) {
      const message = 'is an issuer above already; keep one of them'
      context.problems.push({ path: [...path, index, 'issuer'], at: 'value', message })
    }
  })
  return issuers
}

function readIssuer(
  item: Readonly<Record<string, unknown>>,
  path: Path,
  { problems }: CheckContext,
): Issuer | undefined {
  const { issuer, jwks_url: jwksUrl } = item
  const [name, url] = jwksUrl === undefined ? ['issuer', issuer] : ['jwks_url', jwksUrl]
  if (typeof url === 'string' && !isSafeUrl(url)) {
    const message = 'is no address with "https://"; keys that come over an open line could be anybody\'s'
    problems.push({ path: [...path, name], at: 'value', message })
  }
  const claims = isObject(item['claims']) ? item['claims'] : {}
  const roles = isObject(item['roles']) ? item['roles'] : {}
  const tags = isObject(claims['tags']) ? claims['tags'] : {}
  if (typeof issuer !== 'string') return undefined
  return {
    issuer,
    audience: textsOf(item['audience']),
    jwksUrl: typeof jwksUrl === 'string' ? jwksUrl : null,
    require: Object.fromEntries(
      Object.entries(isObject(item['require']) ? item['require'] : {}).map(([path, values]) => [
        path,
        textsOf(values),
      ]),
    ),
    algorithms: Array.isArray(item['algorithms']) ? textsOf(item['algorithms']) : ALGORITHMS,
    claims: {
      user: textOr(claims['user'], 'sub'),
      team: textOr(claims['team'], 'team'),
      role: textOr(claims['role'], 'roles'),
      ...(typeof claims['routes'] === 'string' && { routes: claims['routes'] }),
      tags: Object.fromEntries(Object.entries(tags).map(([tag, at]) => [tag, textOr(at, tag)])),
    },
    routes: Array.isArray(item['routes']) ? textsOf(item['routes']) : ['*'],
    roles: {
      admin: textsOf(roles['admin']),
      team_admin: textsOf(roles['team_admin']),
      viewer: textsOf(roles['viewer']),
    },
  }
}

function textOr(value: unknown, usual: string): string {
  return typeof value === 'string' ? value : usual
}

function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' ? [value] : []
}
