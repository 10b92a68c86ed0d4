import type { ServerResponse } from 'node:http'
import { writeJson } from './write-json.ts'

/** What a worker knows of the gateway's state. */
export interface HealthStatus {
  /** False while the worker shuts down. */
  ready: boolean
  config: ConfigStatus
}

/** The configuration in use, and why a newer one is not. */
export interface ConfigStatus {
  /** Counts up with every configuration that took effect. */
  generation: number
  /** ISO 8601. */
  loadedAt: string
  /** Why the file as it is now is not in use; null when it is. */
  error: string | null
}

export interface HealthQuestion {
  isVerbose: boolean
  /** Whether callers must say who they are: here they need not, and are told of no route's name. */
  isClosed: boolean
}

/** MLflow's answer; with `?verbose` also which configuration is in use. It never calls a provider. */
export function answerHealth(
  response: ServerResponse,
  { ready, config }: HealthStatus,
  { isVerbose, isClosed }: HealthQuestion,
): void {
  const error = config.error !== null && isClosed ? SEE_LOG : config.error
  const body = isVerbose ? { status: 'OK', ready, worker_pid: process.pid, config: { ...config, error } } : OK
  writeJson(response, { status: 200, body: JSON.stringify(body) })
}

/** Ready means: send requests here. While shutting down it is 503, so that a load balancer looks elsewhere. */
export function answerReady(response: ServerResponse, { ready }: HealthStatus): void {
  writeJson(response, {
    status: ready ? 200 : 503,
    body: ready ? '{"status":"OK"}' : '{"status":"draining"}',
  })
}

const OK = { status: 'OK' }
const SEE_LOG = 'The configuration file as it is now is not in use; why is in the log.'
