import { plainSchema } from '../config/plain-schema.ts'
import type { JsonObject, JsonValue } from '../core/json.ts'
import type { OptionSchema } from '../core/options.ts'
import { ACCESS } from './access.ts'
import { ADMIN_ERRORS, type AdminErrorCode } from './errors.ts'
import type { Resource } from './resource.ts'

/** The API as OpenAPI 3.1, from its rows. Spec: https://spec.openapis.org/oas/v3.1.0 */
export function adminOpenApi(resources: readonly Resource[], version: string): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const resource of resources) {
    const path = resource.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [resource.method.toLowerCase()]: operation(resource) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'MLflow Gateway admin API',
      version,
      description: 'Keys, users, teams, usage and the state of a gateway, for those who run it.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ secret: [] }],
    tags: [...new Set(resources.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        secret: {
          type: 'http',
          scheme: 'bearer',
          description: 'The admin secret, or a token of the identity provider whose claims give a role.',
        },
      },
      schemas: { Refusal: REFUSAL },
      responses: Object.fromEntries(
        Object.entries(ADMIN_ERRORS).map(([code, { when }]) => [code, refusal(when)]),
      ),
    },
  }
}

const REFUSAL: JsonObject = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: Object.keys(ADMIN_ERRORS) },
        message: { type: 'string' },
        issues: {
          type: 'array',
          items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
        },
      },
    },
  },
}

function refusal(description: string): JsonObject {
  return {
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
  }
}

/** What the path is about: the first word behind `/admin`. */
export function tagOf({ path }: Resource): string {
  return path.split('/')[2] ?? path.slice(1)
}

function operation(resource: Resource): JsonObject {
  const { method, path, summary, description, body, answer, access, status = 200 } = resource
  const words = path.replace(/^\/(admin\/)?/, '').split(/[^a-z]+/)
  const types = resource.answerTypes ?? ['application/json']
  return {
    operationId: [method.toLowerCase(), ...words].join('-'),
    tags: [tagOf(resource)],
    summary,
    ...(description !== undefined && { description }),
    'x-roles': [...ACCESS[access]],
    parameters: parametersOf(resource),
    ...(body && {
      requestBody: {
        required: body.required.length > 0,
        content: { 'application/json': { schema: plainSchema(body) } },
      },
    }),
    responses: {
      [status]: {
        description: 'The answer.',
        content: Object.fromEntries(types.map((type) => [type, { schema: typeSchema(type, answer) }])),
      },
      ...byStatus(refusalsOf(resource)),
    },
  }
}

function typeSchema(type: string, answer: OptionSchema): JsonObject {
  return type === 'application/json' ? plainSchema(answer) : { type: 'string' }
}

function parametersOf({ path, query, needsVersion }: Resource): JsonValue[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const inQuery = Object.entries(query?.properties ?? {}).map(([name, schema]) => {
    const { description = '', ...rest } = plainSchema(schema)
    return { name, in: 'query', required: false, description, schema: rest }
  })
  const version = {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: VERSION,
    schema: { type: 'string' },
  }
  return [...inPath, ...inQuery, ...(needsVersion ? [version] : [])]
}

const VERSION = 'The `ETag` that the object was read with, which is its version in quotes.'

/** The codes of refusals that this method of this path can have, beside faults of the gateway. */
export function refusalsOf({
  method,
  path,
  query,
  body,
  needsVersion,
  isChecked,
  access,
}: Resource): AdminErrorCode[] {
  return [
    ...(query || body || path.includes(':') ? (['bad_request'] as const) : []),
    ...(body ? (['invalid_json', 'too_large', 'unsupported_media_type'] as const) : []),
    'unauthorized',
    ...(ACCESS[access].length < 3 ? (['forbidden'] as const) : []),
    'virtual_key',
    ...(path.includes(':') ? (['not_found'] as const) : []),
    ...(method === 'POST' || method === 'DELETE' ? (['conflict'] as const) : []),
    ...(isChecked ? (['invalid'] as const) : []),
    ...(needsVersion ? (['changed', 'version_required'] as const) : []),
    'misdirected',
    'too_many_attempts',
    'internal',
    'unavailable',
  ]
}

/** OpenAPI has one answer for each status. */
function byStatus(codes: readonly AdminErrorCode[]): JsonObject {
  const byStatus = new Map<number, AdminErrorCode[]>()
  for (const code of codes) {
    const { status } = ADMIN_ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    Array.from(byStatus, ([status, [first = 'internal', ...others]]) => [
      String(status),
      others.length === 0
        ? { $ref: `#/components/responses/${first}` }
        : refusal([first, ...others].map((code) => `\`${code}\`: ${ADMIN_ERRORS[code].when}`).join(' ')),
    ]),
  )
}
