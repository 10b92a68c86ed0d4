import { slowModel, streamingModel } from './pace.ts'
import {
  BEDROCK_ROUTE,
  BOUNDED_ROUTE,
  EIGHT_TARGETS_ROUTE,
  PACED_ROUTE,
  PLAIN_ROUTE,
  ROUTE,
  TWO_TARGETS_ROUTE,
} from './routes.ts'

type Route = Readonly<Record<string, unknown>>

/** Whole answers of the bounded route: so many at a time, each for so long. */
export const BOUND = { max: 40, queue: 40, answerMs: 200 } as const

/** The configuration of rows with a gateway of their own: one route for each provider. JSON is YAML too. */
export function basicConfig(upstreamPort: number): string {
  return configOf(basicRoutes(upstreamPort))
}

/** The configuration of the gateway that most rows share. */
export function sharedConfig(upstreamPort: number): string {
  return configOf([...basicRoutes(upstreamPort), ...planRoutes(upstreamPort)])
}

/** One route whose streams are paced. */
export function pacedConfig(upstreamPort: number, stream: { events: number; everyMs: number }): string {
  const model = openai(upstreamPort, { name: streamingModel(stream.events, stream.everyMs) })
  return configOf([...basicRoutes(upstreamPort), chat(PACED_ROUTE, { model })])
}

/** A caller's key in the configuration of the governed gateway. */
export const CALLER_KEY = 'the-bench-calls-with-this-key'

/** Callers need a key, and each request has four limits, none of which is ever reached. */
export function governedConfig(upstreamPort: number): string {
  const caller = { name: 'bench', user: 'ann', team: 'search', tags: { project: 'bench' }, key: CALLER_KEY }
  return configOf(basicRoutes(upstreamPort), {
    auth: { keys: [caller] },
    limits: [
      { requests: 1e9, per: 'minute', by: 'key' },
      { tokens: 1e12, per: 'day', by: 'team' },
      { cost: 1e6, per: 'month', by: 'tag:project' },
      { concurrent: 1e6, by: 'user' },
    ],
  })
}

/** Anybody may call as much as they like, and no record is kept of it. */
export function ungovernedConfig(upstreamPort: number): string {
  return configOf(basicRoutes(upstreamPort), { auth: 'none', usage: { keep: false } })
}

function configOf(routes: readonly Route[], rest: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...rest, routes }, undefined, 2)
}

function basicRoutes(upstreamPort: number): Route[] {
  const aws = {
    aws_region: 'us-east-1',
    aws_access_key_id: 'AKIDBENCH',
    aws_secret_access_key: 'bench-secret-key',
  }
  const config = { bedrock_api_base: `http://127.0.0.1:${upstreamPort}`, aws_config: aws }
  return [
    chat(ROUTE, { model: openai(upstreamPort) }),
    chat(BEDROCK_ROUTE, { model: { provider: 'bedrock', name: 'anthropic.claude-bench', config } }),
  ]
}

function planRoutes(upstreamPort: number): Route[] {
  return [
    chat(PLAIN_ROUTE, {
      // A key of its own: targets of one key share what is known of them, the breaker too.
      model: openai(upstreamPort, { key: 'sk-bench-plain' }),
      retries: { max: 0 },
      circuit_breaker: { failures: 0 },
    }),
    chat(TWO_TARGETS_ROUTE, { targets: targets(upstreamPort, 2) }),
    chat(EIGHT_TARGETS_ROUTE, { targets: targets(upstreamPort, 8) }),
    chat(BOUNDED_ROUTE, {
      model: openai(upstreamPort, { name: slowModel(BOUND.answerMs) }),
      concurrency: { max: BOUND.max, queue: BOUND.queue, queue_timeout: '2s' },
    }),
  ]
}

/** Different weights, and a key each, so that nothing is shared between them. */
function targets(upstreamPort: number, count: number): Route[] {
  return Array.from({ length: count }, (_, index) => ({
    weight: index + 1,
    model: openai(upstreamPort, { key: `sk-bench-${count}-${index}` }),
  }))
}

function chat(name: string, rest: Route): Route {
  return { name, route_type: 'llm/v1/chat', ...rest }
}

function openai(
  upstreamPort: number,
  { name = 'gpt-4o-mini', key = 'sk-bench' }: { name?: string; key?: string } = {},
): Route {
  const config = { openai_api_base: `http://127.0.0.1:${upstreamPort}/v1`, openai_api_key: key }
  return { provider: 'openai', name, config }
}
