import { isObject } from '../../src/core/json.ts'

/** Where `written` differs from `recorded`, one line each: the path, what was recorded, what is written. */
export function differencesOf(recorded: unknown, written: unknown, path = ''): string[] {
  if (Array.isArray(recorded) && Array.isArray(written)) {
    const length = Math.max(recorded.length, written.length)
    return Array.from({ length }, (_, index) =>
      differencesOf(recorded[index], written[index], `${path}[${index}]`),
    ).flat()
  }
  if (isObject(recorded) && isObject(written)) {
    const names = new Set([...Object.keys(recorded), ...Object.keys(written)])
    return [...names].flatMap((name) =>
      differencesOf(recorded[name], written[name], path === '' ? name : `${path}.${name}`),
    )
  }
  return Object.is(recorded, written) ? [] : [`${path}: ${short(recorded)} -> ${short(written)}`]
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 100 ? `${text.slice(0, 100)}...` : text
}
