import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isObject, type JsonObject, type JsonValue } from '../../src/core/json.ts'
import { recordingsFolder } from '../conformance/recordings.ts'

/** Recorded traffic of real providers: the folder beside the one with MLflow's recordings. */
const FOLDER = resolve(recordingsFolder, '../fixtures')
const MANIFEST = resolve(FOLDER, 'MANIFEST.jsonl')

export const haveCorpus: boolean = existsSync(MANIFEST)

/** What stands in the test report when there is nothing to replay. */
export const NO_CORPUS = `no recordings in ${FOLDER}: set GATEWAY_CASES to a folder beside them`

/** One exchange with a provider. */
export interface Recording {
  /** `provider/case--model`. */
  readonly id: string
  readonly provider: string
  /** The API that was called, such as `anthropic_messages`. */
  readonly endpoint: string
  readonly model: string
  readonly tags: readonly string[]
  readonly request: { readonly path: string; readonly body: JsonObject | undefined }
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The answer, to be sent as it is. */
  readonly bytes: Buffer
  readonly isStream: boolean
}

interface Fixture {
  provider: string
  endpoint: string
  model: string
  tags: string[]
  request: { path: string; body?: JsonValue }
  response: {
    status: number
    headers?: Record<string, string>
    body?: JsonValue
    sse?: string
    ndjson?: string
    text?: string
    base64?: string
  }
}

/** All recordings, in the manifest's order. */
export function readCorpus(): Recording[] {
  if (!haveCorpus) return []
  return readFileSync(MANIFEST, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { file }: { file: string } = JSON.parse(line)
      return toRecording(file.replace(/\.json$/, ''), JSON.parse(readFileSync(resolve(FOLDER, file), 'utf8')))
    })
}

function toRecording(id: string, { provider, endpoint, model, tags, request, response }: Fixture): Recording {
  const { status, headers = {}, body, sse, ndjson, text, base64 } = response
  const isStream =
    sse !== undefined || ndjson !== undefined || base64 !== undefined || endpoint === 'gemini_stream'
  return {
    id,
    provider,
    endpoint,
    model,
    tags,
    status,
    request: { path: request.path, body: isObject(request.body) ? request.body : undefined },
    headers: withType(readable(headers), contentType(response)),
    bytes:
      base64 === undefined
        ? Buffer.from(sse ?? ndjson ?? text ?? JSON.stringify(body))
        : Buffer.from(base64, 'base64'),
    isStream: isStream && status < 400,
  }
}

function contentType({ sse, ndjson, text, base64 }: Fixture['response']): string {
  if (sse !== undefined) return 'text/event-stream'
  if (ndjson !== undefined) return 'application/x-ndjson'
  if (base64 !== undefined) return 'application/vnd.amazon.eventstream'
  return text === undefined ? 'application/json' : 'text/plain'
}

/** Recorders do not always tell a stream from a body; `type` is what it is. */
function withType(headers: Readonly<Record<string, string>>, type: string): Record<string, string> {
  const recorded = headers['content-type']
  const isOther = recorded === undefined || (type !== 'application/json' && !recorded.startsWith(type))
  return isOther ? { ...headers, 'content-type': type } : headers
}

/** Without those whose value was taken out of the recording. */
function readable(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([, value]) => !value.includes('REDACTED'))
  return Object.fromEntries(kept.map(([name, value]) => [name.toLowerCase(), value]))
}
