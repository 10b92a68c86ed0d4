/** How the targets of a route are tried. Times in milliseconds. */
export interface PlanSettings {
  readonly retries: RetrySettings
  readonly timeout: TimeoutSettings
  /** Absent: there is no breaker. */
  readonly breaker?: BreakerSettings
  readonly affinity?: AffinitySettings
  readonly hedge?: HedgeSettings
}

export interface RetrySettings {
  /** Attempts after the first one, on the route's own targets. */
  readonly max: number
  /** The longest wait before the first repetition; it doubles with each, up to `maxMs`. Any wait up to it is equally likely. */
  readonly initialMs: number
  readonly maxMs: number
  /** Whether a provider's `Retry-After` is waited for. */
  readonly respectRetryAfter: boolean
  /** Whether a stream that breaks off after its first content is continued by the next target. */
  readonly resumesStreams: boolean
}

export interface TimeoutSettings {
  /** Until there is a connection for the request. */
  readonly connectMs?: number
  /** Until the first content, or a whole answer. */
  readonly firstTokenMs?: number
  /** The longest silence of a provider that has begun to answer. */
  readonly idleMs?: number
  /** The whole request: every attempt, wait and byte. */
  readonly totalMs: number
}

export interface BreakerSettings {
  /** As many failures within the window open it, */
  readonly failures: number
  readonly windowMs: number
  /** when they are at least this share (0 to 1) of what was tried in the window. */
  readonly share: number
  /** How long an open breaker keeps requests away before it lets one try. */
  readonly cooldownMs: number
}

export interface AffinitySettings {
  /** What makes two requests parts of one conversation. */
  readonly by: 'session' | 'prompt_cache_key' | 'user' | 'messages'
}

export interface HedgeSettings {
  /** How late the first content is when a second target is asked too. */
  readonly afterMs: number
  /** The share (0 to 1) of requests that may be. */
  readonly budget: number
}
