import type { ConfigAnswer, ExplainRequest, Explanation, TargetReport } from './contract.ts'

/** What the control plane knows and can do for its API. */
export interface ControlPlane {
  explain(question: ExplainRequest): Promise<Explanation>
  /** Of all workers together. */
  targets(): Promise<readonly TargetReport[]>
  config(): ConfigAnswer
}

/** One path of the API. */
export interface Resource {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The answer as JSON. `body` is what was sent, unchecked. Throws a `GatewayError`. */
  answer(plane: ControlPlane, body: unknown): unknown
}
