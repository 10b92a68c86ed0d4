import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ByteSource } from '../../src/core/bytes.ts'
import { Cancellation } from '../../src/core/cancel.ts'
import type { UpstreamFormat } from '../../src/core/dialect.ts'
import { toGatewayError, type GatewayError } from '../../src/core/error.ts'
import type { Attempt, Provider, UpstreamReply } from '../../src/core/provider.ts'
import { Secret } from '../../src/core/secret.ts'
import type { Cassette } from '../../src/cassettes/cassette.ts'
import { readCassette } from '../../src/cassettes/read-cassette.ts'

/** What a scripted provider does with every request. */
export interface Script {
  status?: number
  contentType?: string
  retryAfter?: string
  chunks?: readonly (Buffer | string)[]
  /** The answer ends with it. */
  cut?: GatewayError
  /** There is no answer. */
  refusal?: GatewayError
}

/** A provider without a network that speaks one format. */
export function scriptedProvider(
  format: UpstreamFormat,
  script: Script,
  secrets: readonly string[] = [],
): Provider {
  return {
    name: 'scripted',
    model: 'm',
    formats: [format],
    secrets: secrets.map((secret) => new Secret(secret)),
    send(): Promise<UpstreamReply> {
      const { status = 200, contentType = 'application/json', retryAfter, refusal } = script
      if (refusal) return Promise.reject(refusal)
      return Promise.resolve({
        status,
        contentType,
        headers: { 'set-cookie': 'session=canary-cookie', 'retry-after-ms': '10' },
        ...(retryAfter !== undefined && { retryAfter }),
        requestId: 'req-1',
        body: sourceOf(script),
      })
    },
    close: () => Promise.resolve(),
  }
}

function sourceOf({ chunks = [], cut }: Script): ByteSource {
  let isOver = false
  return {
    flow(sink): void {
      for (const chunk of chunks) if (!isOver) sink.data(Buffer.from(chunk))
      if (isOver) return
      if (cut) sink.error(cut)
      else sink.end()
    },
    pause: () => undefined,
    resume: () => undefined,
    cancel(): void {
      isOver = true
    },
  }
}

export function attemptOf(provider: Provider, body: string, more: Partial<Attempt> = {}): Attempt {
  const [format] = provider.formats
  if (!format) throw new Error('the provider speaks nothing')
  return { format, stream: false, body, signal: new Cancellation(), ...more }
}

/** All that a provider answered. */
export interface Received {
  reply: UpstreamReply
  chunks: Buffer[]
  body: Buffer
  /** What the answer ended with, when that was not its end. */
  error: GatewayError | undefined
}

export async function receive(provider: Provider, attempt: Attempt): Promise<Received> {
  const reply = await provider.send(attempt)
  const chunks: Buffer[] = []
  const error = await new Promise<GatewayError | undefined>((resolve) => {
    reply.body.flow({
      data: (chunk) => void chunks.push(chunk),
      end: () => resolve(undefined),
      error: (failure) => resolve(toGatewayError(failure)),
    })
  })
  return { reply, chunks, body: Buffer.concat(chunks), error }
}

/** A directory that is gone with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cassettes-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The texts of a directory's files, in order. */
export function textsIn(directory: string): string[] {
  return readdirSync(directory)
    .toSorted()
    .map((file) => readFileSync(join(directory, file), 'utf8'))
}

export function cassettesIn(directory: string): Cassette[] {
  return textsIn(directory).map(readCassette)
}
