import { Type, type TUnsafe } from 'typebox'
import type { Secret } from './secret.ts'

interface OptionDocs {
  description: string
  examples?: string[]
}

/**
 * An option that holds a credential. The file says where it is (`$ENV_NAME`, the path of a file, or the text itself);
 * after loading it is a `Secret`.
 */
export function SecretOption(docs: OptionDocs): TUnsafe<Secret> {
  return Type.Unsafe<Secret>({ type: 'string', secret: true, ...docs })
}

/** An option that holds a time: `250ms`, `30s`, `5m`, `1h`, or a bare number of seconds. After loading: milliseconds. */
export function DurationOption(docs: OptionDocs & { default?: string }): TUnsafe<number> {
  return Type.Unsafe<number>({ type: ['string', 'number'], duration: true, ...docs })
}
