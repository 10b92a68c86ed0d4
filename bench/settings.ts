/** How long and how often each row measures. Durations in seconds. */
export interface Settings {
  /** Events per stream. */
  readonly chunks: number
  /** Closed-loop rows: connections, length of one measurement, how many of them, and the warm-up before. */
  readonly connections: number
  readonly roundSeconds: number
  readonly rounds: number
  readonly warmSeconds: number
  /** Warm-up of each of three kinds of request when the gateway is new. */
  readonly firstWarmSeconds: number
  /** Time to first token: streams per second, over rounds. */
  readonly streamsPerSecond: number
  readonly ttftSeconds: number
  readonly ttftRounds: number
  /** Memory: requests to a fresh gateway; the bare proxy gets a quarter. */
  readonly memoryRequests: number
  readonly starts: number
  /** Added latency at a fixed rate, over rounds. */
  readonly requestsPerSecond: number
  readonly latencySeconds: number
  readonly latencyRounds: number
  /** Two routes of one gateway in turns: many short rounds, since a twentieth counts. */
  readonly routeRounds: number
  readonly routeRoundSeconds: number
  /** Many streams at once: how many events each has, over how long they begin. */
  readonly pacedEvents: number
  readonly pacedRampSeconds: number
  /** Overload: what the route can take, more, and little again. */
  readonly overloadSeconds: number
  readonly recoverySeconds: number
}

const CHUNKS = 200

/** Under nine minutes. */
export const fullSettings: Settings = {
  chunks: CHUNKS,
  connections: 16,
  roundSeconds: 2,
  rounds: 5,
  warmSeconds: 2,
  firstWarmSeconds: 3,
  streamsPerSecond: 100,
  ttftSeconds: 3,
  ttftRounds: 3,
  memoryRequests: 200_000,
  starts: 5,
  requestsPerSecond: 200,
  latencySeconds: 5,
  latencyRounds: 4,
  routeRounds: 20,
  routeRoundSeconds: 0.5,
  pacedEvents: 200,
  pacedRampSeconds: 2,
  overloadSeconds: 5,
  recoverySeconds: 6,
}

/** Under two minutes: enough to see whether something broke, too short to argue about a tenth. */
export const quickSettings: Settings = {
  ...fullSettings,
  roundSeconds: 0.7,
  rounds: 3,
  warmSeconds: 0.4,
  firstWarmSeconds: 1.2,
  ttftSeconds: 1.2,
  ttftRounds: 1,
  memoryRequests: 20_000,
  starts: 3,
  latencySeconds: 2.5,
  latencyRounds: 1,
  routeRounds: 6,
  routeRoundSeconds: 0.4,
  pacedEvents: 100,
  overloadSeconds: 2,
  recoverySeconds: 4,
}
