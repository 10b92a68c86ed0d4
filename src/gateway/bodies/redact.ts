const LEFT_OUT = '[redacted]'

/** Members of JSON whose value is a credential, whatever it looks like; the last quote may have been cut off. */
const NAMED =
  /("(?:[\w-]*(?:api[_-]?key|password|passwd|secret|authorization|access[_-]?token|refresh[_-]?token|private[_-]?key))"\s*:\s*")(?:[^"\\]|\\.)*/gi

/** What looks like a credential. The first is the gateway's own. */
const SHAPES: readonly RegExp[] = [
  /\bmgw_[0-9A-Za-z]{16,}/g,
  /\b(?:sk|pk|rk)[-_][0-9A-Za-z_-]{16,}/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bAIza[0-9A-Za-z_-]{30,}/g,
  /\bgh[opsur]_[0-9A-Za-z]{30,}/g,
  /\bgithub_pat_[0-9A-Za-z_]{30,}/g,
  /\bglpat-[0-9A-Za-z_-]{16,}/g,
  /\bxox[abeprs]-[0-9A-Za-z-]{10,}/g,
  /\bhf_[0-9A-Za-z]{30,}/g,
  /\bwhsec_[0-9A-Za-z+/=]{16,}/g,
  /\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*/g,
  /\b(?:Bearer|Basic)\s+[0-9A-Za-z._~+/=-]{16,}/gi,
  // Line breaks are written with a backslash in JSON.
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:(?!-----END)[^"])*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g,
]

/** A text without credentials, and without what the route's own expressions mean. */
export function redact(text: string, own: readonly RegExp[]): string {
  let rest = text.replace(NAMED, `$1${LEFT_OUT}`)
  for (const shape of [...SHAPES, ...own]) rest = rest.replace(shape, LEFT_OUT)
  return rest
}
