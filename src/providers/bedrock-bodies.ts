import { asObject, type JsonObject } from '../core/json.ts'
import { removeMember, scanMembers } from '../wire/json-scan.ts'
import { spliceMembers } from '../wire/json-splice.ts'

const ANTHROPIC_VERSION = 'bedrock-2023-05-31'

/**
 * A request of Claude's API for `invoke`: that it streams says the path, versions and betas stand in the body.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
 */
export function forInvoke(body: Buffer | string, betas: readonly string[]): Buffer | string {
  let bytes = typeof body === 'string' ? Buffer.from(body) : body
  const members = scanMembers(bytes) ?? []
  for (const member of members.toReversed()) {
    if (member.name === 'stream') bytes = removeMember(bytes, member)
  }
  const has = (name: string): boolean => members.some((member) => member.name === name)
  return spliceMembers(bytes, {
    ...(has('anthropic_version') ? {} : { anthropic_version: ANTHROPIC_VERSION }),
    ...(betas.length === 0 || has('anthropic_beta') ? {} : { anthropic_beta: betas }),
  })
}

/** The body with members that it does not have yet. */
export function withDefault(body: Buffer | string, name: string, value: JsonObject): Buffer | string {
  const members = body.includes(`"${name}"`) ? scanMembers(Buffer.from(body)) : []
  return members?.some((member) => member.name === name) ? body : spliceMembers(body, { [name]: value })
}

/** One body for each text of a list in `inputText`; undefined when there is a single text. */
export function bodyForEachText(body: Buffer | string): string[] | undefined {
  const request = asObject(JSON.parse(body.toString()))
  const { inputText, ...rest } = request
  if (!Array.isArray(inputText)) return undefined
  return inputText.map((text) => JSON.stringify({ inputText: text, ...rest }))
}
