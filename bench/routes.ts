/** The route that most rows ask: OpenAI's. */
export const ROUTE = 'chat'

/** The route that is served by Bedrock. */
export const BEDROCK_ROUTE = 'bedrock'
