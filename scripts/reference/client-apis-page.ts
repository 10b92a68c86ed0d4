import type { Dialect } from '../../src/core/dialect.ts'
import { CLIENT_APIS, type ClientApi, type ClientOperation } from '../../src/http/openapi/client-apis.ts'
import { code, table } from './markdown.ts'

interface Place {
  method: string
  /** As OpenAPI writes it. */
  path: string
}

/** The reference of the paths on which clients of other APIs than MLflow's of 2023 on are answered, in Markdown. */
export function clientApisPage(dialects: readonly Dialect[], command: string): string {
  const repeated = repeatedPlaces(dialects)
  const sections = [
    `<!-- Generated from the dialects by \`${command}\`. Do not edit. -->`,
    '# Client APIs',
    "Every path on which the gateway answers applications in the API that they know. Bodies, streams and errors are the provider's own, so its SDKs work unchanged; [the guides](../guide/clients/README.md) show how to point them here. MLflow's paths of 2023 on, streams, errors and headers are in [HTTP API](http-api.md); [Translation](../guide/translation.md) tells what survives between any two of these.",
    "`{name}` is a route's name. Where the path has none, `model` in the body (or the form) is.",
    ...CLIENT_APIS.flatMap((api) => apiSection(api, repeated)),
    '## Raw',
    "A provider's API itself, below its base URL, with the route's credential. [Raw requests](../guide/raw-and-uploads.md#raw-requests) has the rules.",
    table(
      ['Method', 'Path', 'Serves'],
      [
        ['ANY', code('/proxy/{name}/*'), 'GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS, to any route'],
        ['ANY', code('/gateway/proxy/{name}/*'), 'the same, where MLflow 3 has it'],
      ],
    ),
  ]
  return `${sections.join('\n\n')}\n`
}

/** Every place that is described by itself. */
const DESCRIBED = new Set(CLIENT_APIS.flatMap(({ operations }) => operations.map(keyOf)))

/** The places that repeat a described one. Throws for what is not described at all: a new endpoint needs a line there. */
function repeatedPlaces(dialects: readonly Dialect[]): Place[] {
  const places = dialects
    .filter(({ name }) => name !== 'mlflow')
    .flatMap(({ endpoints, uploads = [], lookups }) => [endpoints, uploads, lookups].flat())
    .map(({ method, path }) => ({ method, path: path.replace(':route', '{name}').replace('::', ':') }))
    .filter((place) => !DESCRIBED.has(keyOf(place)))
  const unknown = places.find((place) => !DESCRIBED.has(keyOf(original(place))))
  if (unknown) throw new Error(`describe ${keyOf(unknown)} in src/http/openapi/client-apis.ts`)
  return places
}

function apiSection(
  { title, description, spec, operations }: ClientApi,
  repeated: readonly Place[],
): string[] {
  const own = new Set(operations.map(keyOf))
  const more = repeated.filter((place) => own.has(keyOf(original(place))))
  const rows = operations.map((one) => [one.method, code(one.path), servedBy(one), code(one.serves ?? '')])
  return [
    `## ${title}`,
    `${description} Bodies: [${new URL(spec).host}](${spec}).`,
    table(['Method', 'Path', 'Serves', 'Routes of type'], rows),
    ...(more.length === 0
      ? []
      : [
          'The same on other paths:',
          table(
            ['Method', 'Path', 'As'],
            more.map((place) => [place.method, code(place.path), code(original(place).path)]),
          ),
        ]),
  ]
}

function servedBy({ summary, isForm, isForwarded }: ClientOperation): string {
  const form = isForm ? ', as a form with a file' : ''
  return `${summary}${form}${isForwarded ? '; handed on, not translated' : ''}`
}

/** The place that this one repeats below another prefix or version. */
function original({ method, path }: Place): Place {
  const plain = path.replace(/^\/gateway\/(?:openai|anthropic|gemini)/, '').replace(/^\/anthropic/, '')
  return { method, path: plain.replace(/^\/v1(\/models\/\{name\}:)/, '/v1beta$1') }
}

function keyOf({ method, path }: Place): string {
  return `${method} ${path}`
}
