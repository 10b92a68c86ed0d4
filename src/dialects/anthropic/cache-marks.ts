import { asArray, isObject, type JsonObject } from '../../core/json.ts'

/** A request may have this many. */
const MAX_MARKS = 4

/**
 * Takes surplus cache marks out of blocks, given in the order of the prompt. The first two and the last stay: the long
 * prefix that all requests share, and the newest turns.
 * Spec: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
 */
export function limitCacheMarks(
  blocks: readonly JsonObject[],
  { isAutomatic }: { isAutomatic: boolean },
): boolean {
  const marked = blocks.flatMap(withNested).filter((block) => block['cache_control'])
  const most = isAutomatic ? MAX_MARKS - 1 : MAX_MARKS
  if (marked.length <= most) return false
  for (const block of marked.slice(2, marked.length - (most - 2))) delete block['cache_control']
  return true
}

/** A tool's result may hold marked blocks of its own. */
function withNested(block: JsonObject): JsonObject[] {
  if (block['type'] !== 'tool_result') return [block]
  return [...asArray(block['content']).filter(isObject), block]
}
