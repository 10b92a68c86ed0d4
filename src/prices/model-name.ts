/**
 * The names under which a model may stand in the table, the most exact first: its own, without what the provider puts
 * in front, and then without dates and versions, one after the other.
 */
export function* namesOf(provider: string, model: string): Generator<string> {
  for (const name of withoutPlace(provider, model.toLowerCase())) yield* withoutVersions(name)
}

function withoutPlace(provider: string, name: string): readonly string[] {
  switch (provider) {
    case 'openai':
      // A fine-tuned model: `ft:gpt-4o-2024-08-06:team::id`.
      return [name.replace(/^(ft:[^:]+):.*$/, '$1')]
    case 'gemini':
    case 'vertex-ai':
      return [name.replace(/^(?:.*publishers\/[^/]+\/)?models\//, '')]
    case 'bedrock': {
      // `arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-...`; the profile's region comes first.
      const id = name.slice(name.lastIndexOf('/') + 1)
      return [id, id.replace(/^(?:global|us-gov|us|eu|apac|au|jp|ca|in|sa|me)\./, '')]
    }
    default:
      return [name]
  }
}

function* withoutVersions(name: string): Generator<string> {
  yield name
  const cut = VERSION.exec(name)?.index ?? 0
  if (cut > 0) yield* withoutVersions(name.slice(0, cut))
}

/**
 * A date or version at the end: `-2024-08-06`, `-20241022`, `@20250929`, `-2026-01`, `-08-2024`, `-0709`, `-001`,
 * `-latest`, `@default`, `-preview-05-20`, `-v1`, `:0`. A single figure is none: `claude-opus-4-5` is not `claude-opus-4`.
 */
const VERSION =
  /(?:[-@]\d{8}|-\d{4}-\d{2}(?:-\d{2})?|-\d{2}-\d{4}|-\d{3,4}|[-@](?:latest|default)|-(?:preview|exp)(?:-\d{2}-\d{2,4})?|-v\d|:\d+k?)$/
