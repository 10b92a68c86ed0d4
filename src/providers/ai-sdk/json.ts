import { asArray, asObject, isObject, type JsonObject } from '../../core/json.ts'

/**
 * Call options as the specification has them, from their JSON: text that is a URL becomes one. Version 2 has one word
 * for all media in a tool's result.
 */
export function readCallOptions(text: string, specificationVersion: string): JsonObject {
  const options = asObject(JSON.parse(text))
  for (const message of asArray(options['prompt']).map(asObject)) {
    for (const part of asArray(message['content']).map(asObject)) {
      if (part['type'] === 'file') reviveUrl(part)
      if (part['type'] === 'tool-result' && specificationVersion === 'v2')
        renameMedia(asObject(part['output']))
    }
  }
  return options
}

/** Base64 holds no colon. */
function reviveUrl(part: Record<string, unknown>): void {
  const { data } = part
  if (typeof data === 'string' && data.includes(':') && URL.canParse(data)) part['data'] = new URL(data)
}

function renameMedia({ type, value }: JsonObject): void {
  if (type !== 'content' || !Array.isArray(value)) return
  for (const part of value.filter(isObject)) {
    if (part['type'] === 'image-data' || part['type'] === 'file-data') part['type'] = 'media'
  }
}

/** Anything of the SDK as JSON: bytes as base64, errors by what they say. Raw requests and answers stay out of it. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => {
    if (member instanceof Uint8Array) return Buffer.from(member).toString('base64')
    if (member instanceof Error) return describeError(member)
    return RAW.has(key) ? undefined : member
  })
}

const RAW: ReadonlySet<string> = new Set(['rawValue', 'headers', 'body', 'request'])

/** An error as the JSON that `readError` of the format reads. */
export function describeError(error: unknown): { message: string; statusCode?: number } {
  const message = error instanceof Error ? error.message : String(error)
  const statusCode = statusOf(error)
  return statusCode === undefined ? { message } : { message, statusCode }
}

/** The HTTP status of the SDK's `APICallError`. */
export function statusOf(error: unknown): number | undefined {
  const status: unknown = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  return typeof status === 'number' ? status : undefined
}
