/** Keys of providers are longer than this; the words that people misspell are mostly not. */
const LONGEST_VALUE = 16
const LONGEST_KEY = 40

/**
 * A value as a message may quote it. Text that could be a credential put in the wrong place (long, or with the look
 * of a key) is not quoted: the line and column lead to it.
 */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > LONGEST_VALUE || looksSecret(value) ? 'the text here' : JSON.stringify(value)
  }
  if (typeof value === 'number') return String(value).length > 9 ? 'the number here' : String(value)
  return kindOf(value)
}

/** A key as a message may quote it. `openai_api_key:sk-...` without a space is one long key, so it ends at the colon. */
export function showKey(key: string): string {
  const name = /^[\w.-]*/.exec(key)?.[0] ?? ''
  if (name === '' || name.length > LONGEST_KEY || looksSecret(name)) return '(hidden)'
  return name === key ? key : `${name}...`
}

/** What a value is, in words: `a string`, `a mapping`, and so on. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`
}

/** `message` without any of `secrets`; very short ones are left, as they would hide ordinary words. */
export function scrub(message: string, secrets: readonly string[]): string {
  let text = message
  for (const secret of secrets) if (secret.length >= 8) text = text.replaceAll(secret, '[redacted]')
  return text
}

/** A run of letters and digits mixed, or the prefix of a known kind of key. */
export function looksSecret(text: string): boolean {
  if (/^(sk|pk|rk|gh[opsu]|xox[abp]|hf|AKIA|AIza|Bearer|eyJ)[-_ A-Z0-9]/.test(text)) return true
  return text.split(/[-_./ ]/).some((word) => word.length >= 8 && /\d/.test(word) && /[a-z]/i.test(word))
}
