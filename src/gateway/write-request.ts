import type { ClientRequest, UpstreamFormat, Upload, WrittenRequest } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { Provider } from '../core/provider.ts'
import { notServed } from './choose-format.ts'
import type { Target } from './target.ts'
import { writeParams } from './write-params.ts'

export interface OutgoingBody {
  body: Buffer | string
  /** In place of `body`: one that is still arriving. */
  upload?: Upload
  /** In the client's words. */
  dropped: readonly string[]
}

const NOTHING: readonly string[] = []

/** The body that goes to the provider. Throws a 400 when the route is strict and the provider cannot take all of it. */
export function writeRequest(request: ClientRequest, target: Target, format: UpstreamFormat): OutgoingBody {
  const { provider, params, isStrict } = target
  if ('upload' in request && request.upload)
    return { body: '', upload: request.upload(provider), dropped: NOTHING }
  const own = request.passThrough(format.name, provider)
  const { body, dropped } =
    own === undefined ? translate(request, provider, format) : { body: own, dropped: NOTHING }
  if (isStrict && dropped.length > 0) throw tooMuch(provider, dropped)
  return { body: params ? writeParams(body, params) : body, dropped }
}

function translate(request: ClientRequest, provider: Provider, format: UpstreamFormat): OutgoingBody {
  try {
    const { body, dropped } = write(request, provider, format)
    return {
      body,
      dropped: dropped.length === 0 ? NOTHING : dropped.map((name) => request.parameterName(name)),
    }
  } catch (error) {
    throw error instanceof RangeError ? tooDeep(error) : error
  }
}

function write(request: ClientRequest, provider: Provider, format: UpstreamFormat): WrittenRequest {
  if (request.operation === 'chat' && format.operation === 'chat')
    return format.write(request.chat(), provider)
  if (request.operation === 'embeddings' && format.operation === 'embeddings') {
    return format.write(request.embeddings(), provider)
  }
  if (request.operation === 'rerank' && format.operation === 'rerank')
    return format.write(request.rerank(), provider)
  if (request.operation === 'count-tokens' && format.operation === 'count-tokens') {
    return format.write(request.chat(), provider)
  }
  throw notServed(provider, request)
}

function tooMuch({ name }: Provider, dropped: readonly string[]): GatewayError {
  return new GatewayError(
    `This route is strict, and its provider '${name}' cannot take all of this request: ${dropped.join(', ')}. Leave that out, or call a route that is not strict.`,
    { kind: 'bad_request', status: 400, detail: { param: dropped[0] ?? null } },
  )
}

function tooDeep(cause: RangeError): GatewayError {
  return new GatewayError(
    'The request is nested too deeply to be sent on. Flatten it below a few thousand levels.',
    { kind: 'bad_request', status: 422, cause },
  )
}
