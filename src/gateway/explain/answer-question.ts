import type { Dialect, RequestHead } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import { Secret } from '../../core/secret.ts'
import type { TargetReport } from '../plan/report.ts'
import type { Runtime } from '../runtime.ts'
import { explain } from './explain.ts'
import type { ExplainedPolicy, Explanation } from './explanation.ts'
import { readQuestion, type Question } from './read-question.ts'

/** A runtime that was built from a `DryRegistry`, and what belongs to it. */
export interface DryRuntime {
  readonly runtime: Runtime
  readonly dry: { policiesOf(route: string): readonly ExplainedPolicy[]; readonly secrets: readonly Secret[] }
  readonly dialects: readonly Dialect[]
}

/**
 * What would become of a question's request at a route. `reports` are what other processes know of the targets. Throws a
 * `GatewayError`: `not_found` for an unknown route, else what is wrong with the request.
 */
export async function answerQuestion(
  { runtime, dry, dialects }: DryRuntime,
  question: Question & { readonly route: string },
  reports: readonly TargetReport[] = [],
): Promise<Explanation> {
  const route = runtime.route(question.route)
  if (!route) {
    throw new GatewayError(`There is no route "${question.route}".`, { kind: 'not_found', status: 404 })
  }
  const { info, plan } = route
  const call = readQuestion(question, { dialects, route: info, settings: runtime.settings })
  const secrets = [...dry.secrets, ...credentialsIn(call.caller.head)]
  return explain({ plan, policies: dry.policiesOf(info.name), reports, secrets }, call, performance.now())
}

/** A caller's own, without their schemes: a body may repeat them. */
function credentialsIn({ headers }: RequestHead): Secret[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' && CREDENTIAL.test(name) ? new Secret(value.replace(/^\w+ +/, '')) : [],
  )
}

const CREDENTIAL = /auth|cookie|secret|token|credential|(?:^|-)(?:api-?)?key$/
