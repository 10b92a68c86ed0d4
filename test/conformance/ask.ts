import { request, type IncomingHttpHeaders } from 'node:http'

/** A request as it goes over the wire. */
export interface Question {
  method: string
  path: string
  body?: string | null
  contentType?: string | null
  headers?: Record<string, string>
}

export interface WireAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** Ask `127.0.0.1:port` once; redirects are not followed, nothing is added and nothing is decoded. */
export function ask(port: number, question: Question): Promise<WireAnswer> {
  const { method, path, body, contentType } = question
  const headers: Record<string, string> = { ...question.headers }
  if (contentType) headers['content-type'] = contentType
  if (typeof body === 'string') headers['content-length'] = String(Buffer.byteLength(body))
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
      })
    })
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })
}

/** The same for a POST of JSON. */
export function post(port: number, path: string, value: unknown): Promise<WireAnswer> {
  return ask(port, { method: 'POST', path, body: JSON.stringify(value), contentType: 'application/json' })
}
