import { DatabaseError, type Database, type SecretRow } from '../../core/database.ts'
import { credentialProblem, Secret } from '../../core/secret.ts'
import { SECRET_NAME_PATTERN, type StoredSecret, type StoredSecrets } from '../../core/stored-secret.ts'
import { listAll } from '../list-all.ts'
import { KEY_VARIABLE, type Keyring, PREVIOUS_VARIABLE, type SealingKey } from './keyring.ts'
import { open, seal } from './seal.ts'

/** What became of the secrets when all were to be sealed with the present key, by name. */
export interface Rotation {
  readonly sealedAnew: readonly string[]
  /** Those that were already. */
  readonly unchanged: readonly string[]
  /** Those that no key opens, and why. They are left as they are. */
  readonly closed: readonly { readonly name: string; readonly problem: string }[]
}

/** Somebody else may change a secret at the same time; not for ever. */
const TRIES = 10

/** The secrets of a database, with the keys of this process. Values leave it only as a `Secret`. */
export class Vault {
  readonly #table: Database['secrets']
  readonly #keyring: Keyring

  constructor(table: Database['secrets'], keyring: Keyring) {
    this.#table = table
    this.#keyring = keyring
  }

  /** Why nothing can be sealed, or some of what is sealed not opened; undefined when all is well. */
  get problem(): string | undefined {
    return this.#keyring.problem
  }

  /** Seal a value under a name, in place of what it had. Rejects with `invalid` when it cannot be, and says why. */
  async set(name: string, value: Secret, actor: string): Promise<SecretRow> {
    const key = this.#mustHaveKey()
    checkName(name)
    const problem = credentialProblem(value.reveal())
    if (problem !== undefined) throw new DatabaseError('invalid', `the value ${problem}`)
    for (let tries = 1; ; tries++) {
      const fields = { keyId: key.id, sealed: seal(value.reveal(), { name, key }) }
      try {
        const before = await this.#table.get(name)
        const row = before
          ? await this.#table.update(before, fields, { actor, action: 'secret.set' })
          : await this.#table.create({ id: name, ...fields }, { actor, action: 'secret.set' })
        if (row) return row
      } catch (error) {
        if (tries >= TRIES || !isRace(error)) throw error
      }
    }
  }

  /** Whether there was one. */
  delete(name: string, actor: string): Promise<boolean> {
    return this.#table.delete({ id: name }, { actor, action: 'secret.delete' })
  }

  /** All of them by name, sealed, each with the reason why it cannot be opened, if it cannot. */
  async list(): Promise<{ row: SecretRow; problem: string | undefined }[]> {
    const rows = await listAll(this.#table)
    return rows.map((row) => {
      const found = this.#open(row)
      return { row, problem: found.ok ? undefined : found.reason }
    })
  }

  /** Seal all of them with the present key. One row at a time: what was interrupted is finished by doing it again. */
  async rotate(actor: string): Promise<Rotation> {
    const key = this.#mustHaveKey()
    const sealedAnew: string[] = []
    const unchanged: string[] = []
    const closed: { name: string; problem: string }[] = []
    for (const { id: name } of await listAll(this.#table)) {
      const outcome = await this.#rotateOne(name, key, actor)
      if (outcome === 'sealed anew') sealedAnew.push(name)
      else if (outcome === 'unchanged') unchanged.push(name)
      else if (outcome) closed.push({ name, problem: outcome.problem })
    }
    return { sealedAnew, unchanged, closed }
  }

  /** Undefined when it is gone. */
  async #rotateOne(
    name: string,
    key: SealingKey,
    actor: string,
  ): Promise<'sealed anew' | 'unchanged' | { problem: string } | undefined> {
    for (let tries = 1; ; tries++) {
      const row = await this.#table.get(name)
      if (!row) return undefined
      const found = this.#open(row)
      if (!found.ok) return { problem: found.reason }
      if (row.keyId === key.id) return 'unchanged'
      const sealed = seal(found.secret.reveal(), { name, key })
      try {
        await this.#table.update(row, { keyId: key.id, sealed }, { actor, action: 'secret.rotate' })
        return 'sealed anew'
      } catch (error) {
        if (tries >= TRIES || !isRace(error)) throw error
      }
    }
  }

  /** These rows, opened. */
  open(rows: readonly SecretRow[]): StoredSecrets {
    const found = new Map(rows.map((row) => [row.id, this.#open(row)]))
    return { find: (name) => found.get(name) ?? ABSENT }
  }

  #open(row: SecretRow): StoredSecret {
    const key = this.#keyring.byId.get(row.keyId)
    if (!key) return { ok: false, isThere: true, reason: this.#withoutKey(row) }
    const plain = open(row.sealed, { name: row.id, key })
    if (plain !== undefined) return { ok: true, secret: new Secret(plain) }
    const reason = `is damaged, or was written for another name; set it again`
    return { ok: false, isThere: true, reason }
  }

  #withoutKey({ keyId }: SecretRow): string {
    const { present, problem } = this.#keyring
    const sealedWith = `cannot be opened: it is sealed with the key ${keyId}`
    if (!present) return `${sealedWith}, but ${problem ?? `${KEY_VARIABLE} is not set`}`
    return `${sealedWith}, and ${KEY_VARIABLE} is ${present.id}; give the older one in ${PREVIOUS_VARIABLE}, or set the secret again`
  }

  #mustHaveKey(): SealingKey {
    const { present, problem } = this.#keyring
    if (present) return present
    throw new DatabaseError('invalid', problem ?? `${KEY_VARIABLE} is not set`)
  }
}

const ABSENT: StoredSecret = {
  ok: false,
  isThere: false,
  reason: 'is not in the store; set it with "mlflow-gateway secrets set"',
}

function checkName(name: string): void {
  if (new RegExp(SECRET_NAME_PATTERN).test(name)) return
  const message =
    'the name of a secret is of letters, digits, "_", "." and "-", at most 100, and begins with none of the last two'
  throw new DatabaseError('invalid', message)
}

function isRace(error: unknown): boolean {
  return error instanceof DatabaseError && (error.kind === 'taken' || error.kind === 'stale')
}
