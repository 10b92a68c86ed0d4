import { isObject } from '../core/json.ts'
import { STORED_PREFIX } from '../core/stored-secret.ts'
import type { Path, Problem } from './issue.ts'

/**
 * What may stand in the file and not in the store, whose rows are shown to admins and kept in backups: credentials, also
 * where the schema knows of none, and what reaches the machine's own files.
 */
export function forbiddenInStore(definition: Readonly<Record<string, unknown>>): Problem[] {
  const record: Problem[] =
    definition['record'] === undefined
      ? []
      : [{ path: ['record'], at: 'key', message: 'writes files, and may stand in the file only; remove it' }]
  return [...record, ...credentialsIn(definition, [])]
}

function credentialsIn(value: unknown, path: Path): Problem[] {
  if (typeof value === 'string') {
    const message = credentialMessage(value, path.at(-1))
    return message === undefined ? [] : [{ path, at: 'value', message }]
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => credentialsIn(item, [...path, index]))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => credentialsIn(item, [...path, key]))
}

const HAS_USER = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i
const CREDENTIAL_KEY =
  /(?:^|[_-])(?:api_?key|access_key|token|secret|password|passwd|authorization|credentials?)$/i

function credentialMessage(text: string, key: string | number | undefined): string | undefined {
  if (HAS_USER.test(text))
    return 'has a user or a password in its URL; keep it with "mlflow-gateway secrets set"'
  const isCredential =
    typeof key === 'string' && CREDENTIAL_KEY.test(key.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_'))
  if (!isCredential || text.startsWith(STORED_PREFIX)) return undefined
  return 'holds a credential, and what is in the store may not; keep it with "mlflow-gateway secrets set NAME", and write secret:NAME'
}
