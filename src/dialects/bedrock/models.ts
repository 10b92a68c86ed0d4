import { traitsOf as claudeTraits, type ModelTraits as ClaudeTraits } from '../anthropic/models.ts'

/** What a model on Bedrock takes, as far as requests depend on it. */
export interface ModelTraits {
  family: Family
  /** What Claude takes; of other families, only what this says about schemas and sampling is used. */
  claude: ClaudeTraits
  /** Whose thinking it can read again. */
  stateDialect: 'anthropic' | 'bedrock'
  /** Where cache points may stand; a model that caches nothing refuses them. */
  caches: 'everything' | 'messages' | 'nothing'
}

/** `unknown`: the id names no model, as that of an inference profile of one's own. It gets what is asked for. */
export type Family = 'claude' | 'nova-2' | 'nova' | 'gpt-oss' | 'mistral' | 'cohere' | 'other' | 'unknown'

const FAMILIES: readonly (readonly [Family, RegExp])[] = [
  ['claude', /anthropic\.claude/],
  ['nova-2', /amazon\.nova-2/],
  ['nova', /amazon\.nova/],
  ['gpt-oss', /openai\.gpt-oss/],
  ['mistral', /mistral\./],
  ['cohere', /cohere\./],
  [
    'other',
    /(?:^|[./])(?:ai21|amazon|deepseek|google|meta|minimax|moonshot(?:ai)?|nvidia|openai|qwen|writer|zai)\./,
  ],
]

/** Models of Amazon's, Meta's and others' that take no schema for their answer. */
const WITHOUT_SCHEMAS = /amazon\.|meta\.|cohere\.|ai21\./

/** The traits of a model by its id: `amazon.nova-lite-v1:0`, with a region (`us.`) or a whole ARN before it. */
export function traitsOf(model: string | null): ModelTraits {
  const id = model ?? ''
  const family = FAMILIES.find(([, pattern]) => pattern.test(id))?.[0] ?? 'unknown'
  const isClaude = family === 'claude'
  const traits = claudeTraits(isClaude ? id : null)
  return {
    family,
    claude: isClaude ? traits : { ...traits, takesSchemas: !WITHOUT_SCHEMAS.test(id) },
    stateDialect: isClaude ? 'anthropic' : 'bedrock',
    caches: cachesOf(family),
  }
}

function cachesOf(family: Family): ModelTraits['caches'] {
  if (family === 'claude' || family === 'unknown') return 'everything'
  return family === 'nova' || family === 'nova-2' ? 'messages' : 'nothing'
}
