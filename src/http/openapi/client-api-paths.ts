import type { JsonObject } from '../../core/json.ts'
import { CLIENT_APIS, type ClientApi, type ClientOperation } from './client-apis.ts'
import { operation } from './operation.ts'
import { reference } from './reference.ts'

/** The providers' own APIs, each operation once for all routes. */
export function clientApiPaths(): JsonObject {
  const operations = CLIENT_APIS.flatMap((api) => api.operations.map((one) => describe(api, one)))
  return { ...Object.fromEntries(operations), [RAW_PATH]: RAW }
}

/** Their tags, with the providers' descriptions of their bodies. */
export function clientApiTags(): JsonObject[] {
  const described = CLIENT_APIS.map(({ title, description, spec }) => ({
    name: title,
    description,
    externalDocs: { url: spec },
  }))
  return [...described, { name: 'Raw', description: "A provider's API itself, with the route's credential." }]
}

function describe({ title, errors }: ClientApi, one: ClientOperation): [string, JsonObject] {
  const { method, path, id, summary, isForwarded = false } = one
  const described = operation({
    id,
    tag: title,
    summary,
    ...(path.includes('{name}') ? { parameters: [reference('parameters', 'RouteName')] } : {}),
    ...(method === 'POST' ? { requestBody: reference('requestBodies', bodyOf(one)) } : {}),
    responses: {
      '200': reference('responses', isForwarded ? 'ForwardedReply' : 'ClientReply'),
      default: reference('responses', `${errors}Refusal`),
    },
  })
  return [path, { [method.toLowerCase()]: described }]
}

function bodyOf({ path, isForm }: ClientOperation): string {
  if (isForm) return 'Form'
  return path.includes('{name}') ? 'FreeBody' : 'BodyWithModel'
}

const RAW_PATH = '/proxy/{name}/{path}'

const RAW: JsonObject = {
  post: operation({
    id: 'forwardRaw',
    tag: 'Raw',
    summary: "Any path of the provider's API, with any method; bodies stream in both directions",
    parameters: [
      reference('parameters', 'RouteName'),
      {
        name: 'path',
        in: 'path',
        required: true,
        description: "The path below the provider's base URL; it may hold slashes.",
        schema: { type: 'string' },
      },
    ],
    responses: {
      '200': reference('responses', 'ForwardedReply'),
      default: reference('responses', 'RawRefusal'),
    },
  }),
}
