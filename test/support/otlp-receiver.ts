import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { listen } from './listen.ts'

/** One value of OTLP's JSON. */
interface Value {
  stringValue?: string
  intValue?: string
  doubleValue?: number
  boolValue?: boolean
  arrayValue?: { values: Value[] }
}

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly traceState: string | undefined
  readonly name: string
  readonly kind: number
  readonly startMs: number
  readonly endMs: number
  readonly isError: boolean
  readonly attributes: Readonly<Record<string, unknown>>
  /** Of who sent it. */
  readonly resource: Readonly<Record<string, unknown>>
}

export interface ReceivedMetric {
  readonly name: string
  readonly unit: string
  readonly sum?: { isMonotonic: boolean; aggregationTemporality: number; dataPoints: Point[] }
  readonly gauge?: { dataPoints: Point[] }
  readonly histogram?: { aggregationTemporality: number; dataPoints: Point[] }
}

interface Point {
  attributes: { key: string; value: Value }[]
  startTimeUnixNano: string
  timeUnixNano: string
  asDouble?: number
  count?: string
  sum?: number
  bucketCounts?: string[]
  explicitBounds?: number[]
}

/** What a receiver does with a message: the status that it answers, or nothing at all. */
export type Reaction = number | 'hang'

/** A receiver of OpenTelemetry on loopback, which reads JSON and nothing else. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = []
  /** Of each message. */
  readonly metrics: ReceivedMetric[][] = []
  readonly headers: IncomingHttpHeaders[] = []
  /** All that came, as text. */
  text = ''
  reaction: Reaction = 200
  readonly #server: Server
  port = 0

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        this.headers.push(request.headers)
        if (this.reaction === 'hang') return
        if (this.reaction === 200)
          this.#take(request.url ?? '', unpack(request.headers, Buffer.concat(chunks)))
        response.writeHead(this.reaction, { 'content-type': 'application/json' }).end('{}')
      })
    })
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver()
    receiver.port = await listen(receiver.#server)
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The spans of one trace, in the order in which they began. */
  trace(traceId: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId).toSorted((a, b) => a.startMs - b.startMs)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #take(path: string, text: string): void {
    this.text += text
    // oxlint-disable-next-line typescript/no-explicit-any -- a message is looked at in assertions, which check it
    const message: any = JSON.parse(text)
    if (path === '/v1/traces') {
      for (const { resource, scopeSpans } of message.resourceSpans) {
        for (const { spans } of scopeSpans)
          for (const span of spans) this.spans.push(readSpan(span, resource))
      }
    } else if (path === '/v1/metrics') {
      this.metrics.push(message.resourceMetrics[0].scopeMetrics[0].metrics)
    } else throw new Error(`nothing is received on ${path}`)
  }
}

function unpack(headers: IncomingHttpHeaders, bytes: Buffer): string {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8')
}

// oxlint-disable-next-line typescript/no-explicit-any -- as it came
function readSpan(span: any, resource: any): ReceivedSpan {
  if (!/^[\da-f]{32}$/.test(span.traceId) || !/^[\da-f]{16}$/.test(span.spanId))
    throw new Error('no identifiers')
  return {
    ...span,
    startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
    endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
    isError: span.status.code === 2,
    attributes: plain(span.attributes),
    resource: plain(resource.attributes),
  }
}

/** Attributes as an object. */
export function plain(attributes: readonly { key: string; value: Value }[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))
}

function plainValue({ stringValue, intValue, doubleValue, boolValue, arrayValue }: Value): unknown {
  if (arrayValue) return arrayValue.values.map(plainValue)
  return stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? boolValue
}
