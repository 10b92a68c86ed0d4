import { isAlias, isMap, isPair, isScalar, isSeq, type Document } from 'yaml'
import type { YamlFault } from './yaml.ts'

export const TOO_DEEP = 'nested too deeply; a configuration needs fewer than ten levels'

const MAX_DEPTH = 64
const MAX_ALIASES = 1000

interface Walk {
  /** Anchors met so far in reading order, and whether their node is complete. */
  anchors: Map<string, { closed: boolean }>
  aliases: number
  faults: YamlFault[]
}

/** Parts of a document that must not be turned into values: aliases to nothing or to themselves, binary, great depth. */
export function unsafeParts(document: Document.Parsed): YamlFault[] {
  const walk: Walk = { anchors: new Map(), aliases: 0, faults: [] }
  visit(document.contents, 0, walk)
  return walk.faults
}

function visit(node: unknown, depth: number, walk: Walk): void {
  if (isPair(node)) {
    visit(node.key, depth, walk)
    visit(node.value, depth, walk)
    return
  }
  const offset = offsetOf(node)
  if (depth > MAX_DEPTH) {
    walk.faults.push({ offset, message: TOO_DEEP })
    return
  }
  if (isAlias(node)) {
    walk.aliases++
    const anchor = walk.anchors.get(node.source)
    if (!anchor)
      walk.faults.push({ offset, message: 'an alias ("*") to an anchor ("&") that is not above it' })
    else if (!anchor.closed)
      walk.faults.push({ offset, message: 'an alias inside the very part that it repeats' })
    else if (walk.aliases === MAX_ALIASES) {
      walk.faults.push({ offset, message: `more than ${MAX_ALIASES} aliases; write the repeated parts out` })
    }
    return
  }
  if (isScalar(node)) {
    if (node.anchor) walk.anchors.set(node.anchor, { closed: true })
    if (node.value instanceof Uint8Array) {
      walk.faults.push({ offset, message: 'binary data is not used here; write plain text' })
    }
    return
  }
  if (!isMap(node) && !isSeq(node)) return
  const anchor = { closed: false }
  if (node.anchor) walk.anchors.set(node.anchor, anchor)
  for (const item of node.items) visit(item, depth + 1, walk)
  anchor.closed = true
}

function offsetOf(node: unknown): number {
  return isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0
}
