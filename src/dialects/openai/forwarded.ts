import type {
  Endpoint,
  ForwardedClientRequest,
  ForwardedOperation,
  UploadEndpoint,
} from '../../core/dialect.ts'
import type { GatewayError } from '../../core/error.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { invalidRequest, OpenBody } from '../../wire/open-body.ts'
import { readModel } from './read-chat.ts'

type UnknownRoute = (name: string) => GatewayError

/** Pictures, speech, moderation and compaction: JSON in, handed on as it came but for the model. */
export function forwardedEndpoints(unknownRoute: UnknownRoute): Endpoint[] {
  return [
    endpoint('/v1/images/generations', 'image-generation', unknownRoute),
    endpoint('/v1/audio/speech', 'speech', unknownRoute),
    endpoint('/v1/moderations', 'moderation', unknownRoute),
    // Shortens a conversation that only OpenAI's own API can read.
    endpoint('/v1/responses/compact', 'compaction', unknownRoute),
  ]
}

/** Forms with a file: pictures to edit, recordings to write down. */
export function uploadEndpoints(unknownRoute: UnknownRoute): UploadEndpoint[] {
  return [
    upload('/v1/images/edits', 'image-edit', unknownRoute),
    upload('/v1/images/variations', 'image-variation', unknownRoute),
    upload('/v1/audio/transcriptions', 'transcription', unknownRoute),
    upload('/v1/audio/translations', 'translation', unknownRoute),
  ]
}

const TYPES: Readonly<Record<ForwardedOperation, RouteType>> = {
  'image-generation': 'llm/v1/images',
  'image-edit': 'llm/v1/images',
  'image-variation': 'llm/v1/images',
  speech: 'llm/v1/audio',
  transcription: 'llm/v1/audio',
  translation: 'llm/v1/audio',
  moderation: 'llm/v1/moderations',
  compaction: 'llm/v1/chat',
}

function endpoint(path: string, operation: ForwardedOperation, unknownRoute: UnknownRoute): Endpoint {
  return {
    method: 'POST',
    path,
    address: { routeOf: readModel, unknownRoute },
    read(body, { route }): ForwardedClientRequest {
      checkType(route, operation, path)
      const open = OpenBody.of(body)
      return {
        ...common(operation),
        stream: open.member('stream') === true || open.member('stream_format') === 'sse',
        passThrough: (_format, target) => open.withModel(target),
      }
    },
  }
}

function upload(path: string, operation: ForwardedOperation, unknownRoute: UnknownRoute): UploadEndpoint {
  return {
    method: 'POST',
    path,
    unknownRoute,
    read(form, { route }): ForwardedClientRequest {
      checkType(route, operation, path)
      return {
        ...common(operation),
        stream: false,
        contentType: form.contentType,
        passThrough: () => undefined,
        upload: (target) => form.withModel(target),
      }
    },
  }
}

function common(
  operation: ForwardedOperation,
): Pick<ForwardedClientRequest, 'operation' | 'speaks' | 'parameterName'> {
  return { operation, speaks: `openai-${operation}`, parameterName: (parameter) => parameter }
}

function checkType({ name, type }: RouteInfo, operation: ForwardedOperation, path: string): void {
  if (type === TYPES[operation]) return
  throw invalidRequest(
    `The route '${name}' is of type ${type}, but ${path} serves ${TYPES[operation]}.`,
    'model',
  )
}
