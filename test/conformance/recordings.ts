import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Question } from './ask.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))

/** Where the recordings of MLflow's servers are: `GATEWAY_CASES`, else beside the repository. */
export const recordingsFolder: string = resolve(
  repository,
  process.env['GATEWAY_CASES'] || '../shared/reference',
)

export const haveRecordings: boolean = existsSync(resolve(recordingsFolder, 'mlflow-cases.json'))

/** What stands in the test report when there is nothing to replay. */
export const NO_RECORDINGS = `no recordings in ${recordingsFolder}: set GATEWAY_CASES to the folder with mlflow-cases.json`

/** One request to one of MLflow's servers, and what it answered. */
export interface Exchange {
  id: string
  request: Question
  status: number
  /** The headers that were recorded; the host in a location is `{host}`. */
  headers: Record<string, string>
  /** The exact text; undefined when it was not recorded. */
  body: string | undefined
}

/** One configuration file, and whether MLflow's server started with it. */
export interface ConfigCase {
  id: string
  yaml: string
  env: Record<string, string>
  exit: number
}

/** The recorded exchanges of `mlflow-cases.json` whose id starts with `prefix`. */
export function readCases(prefix: string): Exchange[] {
  return readHttpCases().filter(({ id }) => id.startsWith(prefix))
}

/** A whole recorded session, such as `golden-2.5.0`; the ids are its name and a number. */
export function readSession(name: string): Exchange[] {
  const entries: SessionEntry[] = JSON.parse(readRecording(`mlflow-golden/${name}.json`))
  return entries.map(({ request, status, headers, body }, index) => ({
    id: `${name}-${String(index).padStart(3, '0')}`,
    request: { ...request, contentType: request.content_type },
    status: Number.parseInt(status, 10),
    headers: withoutHost(headers),
    body: body.endsWith('not recorded>') ? undefined : body,
  }))
}

/** What `others` have not recorded yet: another request, or another answer to it. */
export function onlyNew(exchanges: readonly Exchange[], others: readonly Exchange[]): Exchange[] {
  const known = new Set(others.map(fingerprint))
  return exchanges.filter((exchange) => {
    const isNew = !known.has(fingerprint(exchange))
    known.add(fingerprint(exchange))
    return isNew
  })
}

/** The recorded starts of `mlflow-cases.json`. */
export function readConfigCases(): ConfigCase[] {
  const cases: Case[] = JSON.parse(readRecording('mlflow-cases.json'))
  return cases.flatMap(({ id, given, then }) => {
    if (!id.startsWith('obs-cfg25') || typeof given === 'string') return []
    return [{ id, yaml: given.yaml, env: given.env, exit: then.exit }]
  })
}

/** The recorded starts of another version, such as `golden-config-v2.8.1`; the ids are its name and the case's. */
export function readConfigSession(name: string): ConfigCase[] {
  const entries: Record<string, { yaml: string; exit: number }> = JSON.parse(
    readRecording(`mlflow-golden/${name}.json`),
  )
  return Object.entries(entries).map(([key, { yaml, exit }]) => ({
    id: `${name}-${key}`,
    yaml,
    env: { OPENAI_API_KEY: 'envkey' },
    exit,
  }))
}

/** One of MLflow's own tests of a provider: what the provider answers, what is asked and what comes of it. */
export interface ProviderCase {
  id: string
  given: unknown
  when: unknown
  then: Record<string, unknown>
}

/** The cases of `mlflow-cases.json` whose id starts with `prefix`. */
export function readProviderCases(prefix: string): ProviderCase[] {
  const cases: ProviderCase[] = JSON.parse(readRecording('mlflow-cases.json'))
  return cases.filter(({ id }) => id.startsWith(prefix))
}

/** What MLflow 2.5.0 sent to the provider, in order. */
export function readUpstreamRequests(): RecordedUpstreamRequest[] {
  return readRecording('mlflow-golden/upstream-requests-2.5.0.jsonl')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): RecordedUpstreamRequest => JSON.parse(line))
}

export interface RecordedUpstreamRequest {
  path: string
  headers: Record<string, string>
  body: Record<string, unknown>
}

/** A configuration of the recordings, with the given provider in place of the recorded one. */
export function readConfig(name: 'config-seed' | 'config-2.5', upstreamHost: string): string {
  const recorded = readRecording(`mlflow-golden/${name}.yaml`)
  const yaml = recorded
    .replaceAll('127.0.0.1:18901', upstreamHost)
    .replaceAll(/anthropic_api_key: \w+/g, (key) => `${key}, anthropic_api_base: "http://${upstreamHost}"`)
  if (!yaml.includes(upstreamHost)) throw new Error(`${name}.yaml does not name the recorded provider`)
  return yaml
}

interface SessionEntry {
  request: { method: string; path: string; body: string | null; content_type: string | null }
  status: string
  headers: Record<string, string>
  body: string
}

interface Case {
  id: string
  given: string | { yaml: string; env: Record<string, string> }
  when: SessionEntry['request']
  then: { status: number; headers: Record<string, string>; body: unknown; exit: number }
}

function readHttpCases(): Exchange[] {
  const cases: Case[] = JSON.parse(readRecording('mlflow-cases.json'))
  return cases.flatMap(({ id, when, then }) => {
    if (!/^obs-(?:seed|25)-/.test(id)) return []
    const body = typeof then.body === 'string' ? then.body : JSON.stringify(then.body)
    const request = { ...when, contentType: when.content_type }
    return [{ id, request, status: then.status, headers: withoutHost(then.headers), body }]
  })
}

function readRecording(file: string): string {
  return readFileSync(resolve(recordingsFolder, file), 'utf8')
}

function withoutHost(headers: Record<string, string>): Record<string, string> {
  const { location } = headers
  return location === undefined
    ? headers
    : { ...headers, location: location.replace(/^http:\/\/[^/]+/, 'http://{host}') }
}

/** Sessions leave out the content type where the cases say JSON: the recorder's own default. */
function fingerprint({ request, status, headers, body }: Exchange): string {
  const { method, path, contentType } = request
  const type = request.body ? (contentType ?? 'application/json') : ''
  return JSON.stringify([
    method,
    path,
    request.body || '',
    type,
    status,
    headers['allow'],
    headers['location'],
    headers['content-type'],
    body,
  ])
}
