/**
 * How much two texts have in common, from 0 to 1: the share of their neighbouring words that stand in both. 1 is not yet
 * equal: spaces do not count.
 */
export function similarity(one: string, other: string): number {
  const left = pairsOf(one)
  const right = pairsOf(other)
  const total = left.length + right.length
  const counts = new Map<string, number>()
  for (const pair of left) counts.set(pair, (counts.get(pair) ?? 0) + 1)
  let common = 0
  for (const pair of right) {
    const count = counts.get(pair) ?? 0
    if (count === 0) continue
    counts.set(pair, count - 1)
    common++
  }
  return (2 * common) / total
}

/** Each word with the one before it, and the end with the last: an empty text has one pair. */
function pairsOf(text: string): string[] {
  const words = text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []
  return [...words, ''].map((word, index) => `${words[index - 1] ?? ''} ${word}`)
}
