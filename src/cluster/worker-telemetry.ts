import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { TraceContext } from '../core/trace.ts'
import type { Recorder } from '../gateway/record.ts'
import { packageVersion } from '../http/package-file.ts'
import { recordGenAi } from '../telemetry/gen-ai-metrics.ts'
import type { MetricStore } from '../telemetry/metric-store.ts'
import { readOtelSettings } from '../telemetry/otel-settings.ts'
import { SpanExporter } from '../telemetry/span-exporter.ts'
import { beginTrace } from '../telemetry/tracer.ts'

/** What a worker does for OpenTelemetry, as the environment says: usually nothing. */
export interface WorkerTelemetry {
  readonly recorders: readonly Recorder[]
  /** Where a request stands in a trace; absent while nobody traces. */
  readonly trace?: (headers: IncomingHttpHeaders) => TraceContext
  /** Sends what waits, if that takes no longer than this. */
  close(withinMs: number): Promise<void>
}

export function startTelemetry(store: MetricStore, warn: (message: string) => void): WorkerTelemetry {
  const settings = readOtelSettings(process.env, { version: packageVersion() })
  const recorders = settings?.metrics ? [recordGenAi(store)] : []
  if (!settings?.traces) return { recorders, close: () => Promise.resolve() }
  const exporter = new SpanExporter({
    target: settings.traces,
    settings,
    instance: randomUUID(),
    store,
    warn,
  })
  return {
    recorders: [...recorders, exporter.record],
    trace: (headers) => beginTrace(headers, settings),
    close: (withinMs) => exporter.close(withinMs),
  }
}
