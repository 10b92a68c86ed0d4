/** What this dialect's state, opaque items and extras are marked with. */
export const DIALECT = 'openai-responses'

/** Whose files a `file_id` names: OpenAI's chat completions and responses share them. */
export const FILES_OF = 'openai'
