import { pepperOf } from '../auth/digest.ts'
import { type KeyNews, type People, type StoredKey, toStoredKey } from '../auth/key-news.ts'
import type { Database } from '../core/database.ts'
import { listAll } from '../stores/index.ts'

export interface KeyDeskSetup {
  readonly database: Pick<Database, 'keys' | 'users' | 'teams' | 'settings' | 'changes'>
  readonly warn: (message: string) => void
}

/** Changes of other gateways, and of commands, are known to all workers after this at the latest. */
const POLL_MS = 1000
/** More changed keys than this are not asked for one by one. */
const MANY = 200

/** Keeps the copy of the database's keys that workers answer from, so that these need no database. */
export class KeyDesk {
  readonly #setup: KeyDeskSetup
  #pepper: string | undefined
  readonly #byDigest = new Map<string, StoredKey>()
  #people: People = { users: [], teams: [] }
  /** Of keys, as the database counts; undefined: they have to be read anew. */
  #since: number | undefined
  /** The number of changes of people that `#people` is of, or newer. */
  #peopleChanges = -1
  #isCurrent = false
  #send: (news: KeyNews) => void = () => undefined
  #looking: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isSilent = false

  constructor(setup: KeyDeskSetup) {
    this.#setup = setup
  }

  /** Everything, for a worker that knows nothing. */
  whole(): KeyNews {
    return {
      ...(this.#pepper !== undefined && { pepper: this.#pepper }),
      isWhole: true,
      forget: [],
      learn: [...new Set(this.#byDigest.values())],
      people: this.#people,
      isCurrent: this.#isCurrent,
    }
  }

  /** Tell of each change, until `close`. */
  watch(send: (news: KeyNews) => void): void {
    this.#send = send
    this.#timer = setTimeout(() => {
      void this.look().then(() => {
        if (this.#timer !== undefined) this.watch(send)
      })
    }, POLL_MS).unref()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Resolves when all that was changed before the call has been told. Never rejects: what cannot be read stays. */
  look(): Promise<void> {
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined
      this.#looking = this.#look()
      return this.#looking
    })
    return this.#next
  }

  async #look(): Promise<void> {
    const wasCurrent = this.#isCurrent
    try {
      const people = await this.#readPeople()
      const keys = this.#since === undefined ? await this.#readAll() : await this.#readChanges(this.#since)
      this.#isCurrent = true
      this.#isSilent = false
      if (keys || people || !wasCurrent) {
        this.#send({ ...(keys ?? NOTHING), ...(people && { people }), isCurrent: true })
      }
    } catch (error) {
      this.#isCurrent = false
      // What was told meanwhile may not be kept until the database is back.
      this.#since = undefined
      if (wasCurrent) this.#send({ ...NOTHING, isCurrent: false })
      const reason = error instanceof Error ? error.message : String(error)
      if (!this.#isSilent) this.#setup.warn(`keys, users and teams of the database: ${reason}`)
      this.#isSilent = true
    }
  }

  /** Undefined: they are as before. */
  async #readPeople(): Promise<People | undefined> {
    const { users, teams, changes } = this.#setup.database
    const count = await changes.current(['user', 'team'])
    if (count === this.#peopleChanges) return undefined
    const rows = { users: await listAll(users), teams: await listAll(teams) }
    this.#people = {
      users: rows.users.map(({ id, team, limits, isEnabled }) => ({ id, team, limits, isEnabled })),
      teams: rows.teams.map(({ id, limits, tags, isEnabled }) => ({ id, limits, tags, isEnabled })),
    }
    this.#peopleChanges = count
    return this.#people
  }

  async #readAll(): Promise<Omit<KeyNews, 'isCurrent'>> {
    const { keys, settings } = this.#setup.database
    const pepper = (await pepperOf(settings)).toString('base64url')
    // Before the keys are read: what changes meanwhile is read once more.
    const { until } = await keys.changes(0)
    const learn = (await listAll(keys)).map(toStoredKey)
    this.#pepper = pepper
    this.#byDigest.clear()
    this.#keep(learn)
    this.#since = until
    return { pepper, isWhole: true, forget: [], learn }
  }

  /** Undefined: they are as before. */
  async #readChanges(since: number): Promise<Omit<KeyNews, 'isCurrent'> | undefined> {
    const { keys } = this.#setup.database
    const { until, digests } = await keys.changes(since)
    if (digests.length === 0) return undefined
    if (digests.length > MANY) return this.#readAll()
    const found = new Map<string, StoredKey>()
    for (const digest of digests) {
      const row = await keys.findByDigest(digest)
      if (row) found.set(row.id, toStoredKey(row))
    }
    const learn = [...found.values()]
    for (const digest of digests) this.#byDigest.delete(digest)
    this.#keep(learn)
    this.#since = until
    return { isWhole: false, forget: digests, learn }
  }

  #keep(keys: readonly StoredKey[]): void {
    for (const key of keys) {
      if (key.previousDigest !== null) this.#byDigest.set(key.previousDigest, key)
      this.#byDigest.set(key.digest, key)
    }
  }
}

const NOTHING = { isWhole: false, forget: [], learn: [] }
