/** The route that most rows ask: OpenAI's, as a user writes it, with every default policy. */
export const ROUTE = 'chat'

/** The route that is served by Bedrock. */
export const BEDROCK_ROUTE = 'bedrock'

/** Like the first, without retries and breaker. */
export const PLAIN_ROUTE = 'plain'

/** Weighted over two targets, and over eight. */
export const TWO_TARGETS_ROUTE = 'two-targets'
export const EIGHT_TARGETS_ROUTE = 'eight-targets'

/** Streams at the pace of a model that thinks. */
export const PACED_ROUTE = 'paced'

/** Bounded, in front of a model that takes its time. */
export const BOUNDED_ROUTE = 'bounded'
