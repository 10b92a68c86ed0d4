/**
 * Every prompt carries a marker of its own, `T<tenant>R<request>`, and the mock provider repeats it in each piece of its
 * answer with the piece's number and their count: `[T3R17:0/5]`. So an answer tells whose it is and what is missing.
 */
export function markerOf(tenant: number, request: number): string {
  return `T${tenant}R${request}`
}

/** Random identifiers may hold the same letters; a marker stands by itself, or after an escaped line end. */
const MARKER = /(?<=^|[^A-Za-z0-9]|\\[nrt])T\d+R\d+(?![A-Za-z0-9])/g

/** The different markers in a text, in order of appearance. */
export function findMarkers(text: string): string[] {
  return [...new Set(text.match(MARKER) ?? [])]
}

/** The pieces of an answer. Each holds a letter of two bytes, in which a stream can be cut. */
export function piecesOf(marker: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `[${marker}:${index}/${count}] \u00fc `)
}

/** What is wrong with the pieces in an answer's text; undefined when they are all there, once and in order. */
export function findGap(text: string, isComplete: boolean): string | undefined {
  const found = [...text.matchAll(/\[T\d+R\d+:(\d+)\/(\d+)\]/g)]
  const numbers = found.map(([, number]) => Number(number))
  if (numbers.some((number, index) => number !== index)) return `pieces ${numbers.join(' ')}`
  const count = Number(found[0]?.[2] ?? 0)
  if (!isComplete || (numbers.length === count && count > 0)) return undefined
  return `${numbers.length} of ${count} pieces in an answer that says it is complete`
}
