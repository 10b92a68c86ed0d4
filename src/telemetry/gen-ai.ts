import type { CallRecord } from '../gateway/record.ts'

/** The conventions' words for providers; others are named as here. Source: https://github.com/open-telemetry/semantic-conventions-genai */
const PROVIDERS: Readonly<Record<string, string>> = {
  bedrock: 'aws.bedrock',
  gemini: 'gcp.gemini',
  'vertex-ai': 'gcp.vertex_ai',
  mistral: 'mistral_ai',
  xai: 'x_ai',
  moonshot: 'moonshot_ai',
}

export function genAiProvider(name: string): string {
  return PROVIDERS[name] ?? name
}

/** What is asked for: `chat`, `text_completion`, `embeddings`, or a word of our own. */
export function genAiOperation({
  operation = 'chat',
  route,
}: Pick<CallRecord, 'operation' | 'route'>): string {
  return operation === 'chat' && route?.type === 'llm/v1/completions' ? 'text_completion' : operation
}
