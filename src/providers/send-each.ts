import type { ByteSource } from '../core/bytes.ts'
import { GatewayError } from '../core/error.ts'
import type { UpstreamReply } from '../core/provider.ts'

/** So many of one request's calls are on their way at a time. */
const CONCURRENCY = 8
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

/**
 * One call for each body, for APIs that take one text a call. Gives their JSON answers, in order, as the list `member`; or
 * the first refusal.
 */
export async function sendEach(
  bodies: readonly string[],
  member: string,
  send: (body: string) => Promise<UpstreamReply>,
): Promise<UpstreamReply> {
  const answers: string[] = []
  let next = 0
  let refused: UpstreamReply | undefined
  const work = async (): Promise<void> => {
    while (next < bodies.length && !refused) {
      const place = next++
      const reply = await send(bodies[place] ?? '')
      if (reply.status === 200) answers[place] = await readText(reply.body)
      else if (refused) reply.body.cancel()
      else refused = reply
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, bodies.length) }, work))
  if (refused) return refused
  const joined = Buffer.from(`{${JSON.stringify(member)}:[${answers.join()}]}`)
  return { status: 200, contentType: 'application/json', body: sourceOf(joined) }
}

function readText(source: ByteSource): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    source.flow({
      data(chunk) {
        chunks.push(chunk)
        size += chunk.length
        if (size <= MAX_ANSWER_BYTES) return
        source.cancel()
        reject(tooLarge())
      },
      end: () => resolve(Buffer.concat(chunks).toString('utf8')),
      error: reject,
    })
  })
}

function tooLarge(): GatewayError {
  return new GatewayError("The provider's answer is too large.", { kind: 'bad_response', status: 502 })
}

function sourceOf(bytes: Buffer): ByteSource {
  return {
    flow(sink) {
      sink.data(bytes)
      sink.end()
    },
    pause: () => undefined,
    resume: () => undefined,
    cancel: () => undefined,
  }
}
