/** As `extrasDialect`, model state and opaque parts name OpenAI's chat completions. */
export const DIALECT = 'openai'
