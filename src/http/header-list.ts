/**
 * Names and values in turn, as Node takes them too. An object of a dozen names that are not always the same ones takes
 * longer to make than all the rest of a small answer.
 */
export type HeaderList = string[]

/** `ours` and those of `others` that have no name in common with it. */
export function withOthers(ours: HeaderList, others: Readonly<Record<string, string>>): HeaderList {
  const names = new Set(ours.filter((_, index) => index % 2 === 0))
  return [...ours, ...Object.entries(others).flatMap((header) => (names.has(header[0]) ? [] : header))]
}

const MAX_HEADER_TEXT = 1024

/** A text that somebody else chose, such as a model's name, without what no header can hold. */
export function headerText(text: string, length: number = MAX_HEADER_TEXT): string {
  return text.slice(0, length).replaceAll(/[^ -~]/g, '?')
}
