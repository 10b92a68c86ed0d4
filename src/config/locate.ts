import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml'
import type { Path } from './issue.ts'

/**
 * The offset in the text of what `path` leads to, or of its key. Where the path leads nowhere (a key that came in
 * through a merge), it is the offset of the deepest part that exists.
 */
export function locate(document: Document.Parsed, path: Path, at: 'key' | 'value'): number {
  let node: unknown = document.contents
  let place = offsetOf(node) ?? 0
  for (const [index, step] of path.entries()) {
    const container = isAlias(node) ? node.resolve(document) : node
    if (isSeq(container)) {
      node = container.items[Number(step)]
      place = offsetOf(node) ?? place
      continue
    }
    const pair = isMap(container) ? container.items.find((item) => keyOf(item) === String(step)) : undefined
    if (!pair) return place
    const isLast = index === path.length - 1
    node = pair.value
    place = (isLast && at === 'key' ? offsetOf(pair.key) : offsetOf(node)) ?? offsetOf(pair.key) ?? place
  }
  return place
}

function keyOf(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined
}

/** An empty value has no text of its own: its place is undefined. */
function offsetOf(node: unknown): number | undefined {
  if (isScalar(node) && node.value === null && !node.source) return undefined
  return isNodeLike(node) ? node.range?.[0] : undefined
}

function isNodeLike(node: unknown): node is Node {
  return typeof node === 'object' && node !== null && 'range' in node
}
