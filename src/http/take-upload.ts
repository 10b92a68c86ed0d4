import type { TargetModel, Upload, UploadEndpoint, UploadForm } from '../core/dialect.ts'
import { GatewayError, toGatewayError } from '../core/error.ts'
import { boundaryOf, FieldSearch, type FieldPlace } from '../wire/multipart.ts'
import type { ClientConnection } from './client-connection.ts'
import { sendOn } from './send-on.ts'
import { headOf } from './take-body.ts'
import type { TakeIn } from './take-in.ts'

/**
 * Forms with a file. Only what comes before the field `model` is held, at most the body limit; the rest is sent on while
 * it arrives.
 */
export function takeUpload(endpoint: UploadEndpoint): TakeIn {
  return async (connection, runtime) => {
    const { settings } = runtime
    const { contentType, head, place } = await readHead(connection, settings.bodyLimit)
    const name = head.toString('utf8', place.start, place.end)
    const route = runtime.route(name)
    if (!route) throw endpoint.unknownRoute(name)
    const form: UploadForm = {
      contentType,
      withModel: (target) => withModel(connection, { head, place }, target),
    }
    const context = { route: route.info, head: headOf(connection), settings }
    return { route, read: () => endpoint.read(form, context) }
  }
}

interface FormHead {
  /** All bytes so far, the model among them. */
  head: Buffer
  place: FieldPlace
}

async function readHead(
  { request, signal }: ClientConnection,
  limit: number,
): Promise<FormHead & { contentType: string }> {
  const contentType = request.headers['content-type'] ?? ''
  const boundary = boundaryOf(contentType)
  if (boundary === undefined) {
    throw refusal('The body is not a form. Send it as multipart/form-data, with its boundary.', 415)
  }
  return new Promise((resolve, reject) => {
    const search = new FieldSearch(boundary, 'model')
    const onData = (chunk: Buffer): void => {
      const place = search.push(chunk)
      if (place) settle(() => resolve({ contentType, head: search.form, place }))
      else if (search.form.length > limit) settle(() => reject(tooLate(limit)))
    }
    const onEnd = (): void =>
      settle(() => reject(refusal("The form has no field 'model'. Name a route of this gateway in it.")))
    const onAbort = (): void => settle(() => reject(toGatewayError(signal.reason)))
    const settle = (outcome: () => void): void => {
      request.pause()
      request.off('data', onData)
      request.off('end', onEnd)
      signal.removeEventListener('abort', onAbort)
      outcome()
    }
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('error', () => undefined)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
  })
}

function withModel({ request }: ClientConnection, { head, place }: FormHead, { model }: TargetModel): Upload {
  const name = Buffer.from(model ?? head.subarray(place.start, place.end))
  const start = Buffer.concat([head.subarray(0, place.start), name, head.subarray(place.end)])
  const stream = sendOn(request, start)
  const length = Number(request.headers['content-length'])
  if (!Number.isSafeInteger(length)) return { stream }
  return { stream, length: length - (place.end - place.start) + name.length }
}

function tooLate(limit: number): GatewayError {
  return refusal(
    `The form's field 'model' did not come within the first ${limit} bytes. Put it before the file, so that the file need not be kept.`,
    413,
  )
}

function refusal(message: string, status = 400): GatewayError {
  return new GatewayError(message, {
    kind: status === 413 ? 'too_large' : 'bad_request',
    status,
    detail: { param: 'model' },
  })
}
