/** A tool as its definition needs it: the parameters are a JSON Schema. */
export const TOOL = {
  name: 'get_weather',
  description: 'The weather of the next days in a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city'],
  },
} as const

export interface Called {
  id: string
  name: string
  arguments: unknown
}

/** One answer of the model, as the SDK understood it. The finish is a word of the SDK's own. */
export interface Turn {
  text: string
  calls: Called[]
  finish: string
}

/** A conversation that remembers what was said. */
export interface Conversation {
  say(text: string): Promise<Turn>
  /** Answers the calls of the turn before, with the result that each gets. */
  answer(calls: readonly Called[], result: (call: Called) => string): Promise<Turn>
}

export interface Place {
  /** Of the gateway. */
  url: string
  route: string
  stream: boolean
}

/** An official SDK. */
export interface Client {
  readonly name: string
  readonly finishes: Readonly<Record<'stop' | 'calls' | 'length', string>>
  start(place: Place): Conversation
  /** The status of the SDK's typed exception for a rate limit; undefined when it is any other error. */
  statusOfRateLimit(error: unknown): number | undefined
  /** One vector for each text; absent where the SDK has no embeddings. */
  embed?(place: Omit<Place, 'stream'>, texts: readonly string[]): Promise<number[][]>
}
