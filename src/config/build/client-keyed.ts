import { plainDigestOf } from '../../auth/digest.ts'
import type { Provider } from '../../core/provider.ts'
import { Secret } from '../../core/secret.ts'

/** Connections of so many keys are kept. */
const MOST_KEPT = 32

interface Kept {
  readonly provider: Provider
  users: number
  isLeft: boolean
}

/** Use of a provider until `release`, which is called once. */
interface Lease {
  readonly provider: Provider
  readonly release: () => void
}

/** One target once for each key that clients bring: connections, and what is scrubbed from answers, are a key's own. */
export class ClientKeyed {
  readonly #create: (key: Secret) => Provider
  /** By digest of the key, the one that was used last at the end. */
  readonly #kept = new Map<string, Kept>()

  constructor(create: (key: Secret) => Provider) {
    this.#create = create
  }

  use(key: string): Lease {
    const digest = plainDigestOf(key)
    const kept = this.#kept.get(digest) ?? {
      provider: this.#create(new Secret(key)),
      users: 0,
      isLeft: false,
    }
    this.#kept.delete(digest)
    this.#kept.set(digest, kept)
    kept.users++
    const [oldest] = this.#kept
    if (oldest && this.#kept.size > MOST_KEPT) this.#leave(...oldest)
    return {
      provider: kept.provider,
      release: () => {
        kept.users--
        closeUnused(kept)
      },
    }
  }

  close(): Promise<void> {
    for (const entry of this.#kept) this.#leave(...entry)
    return Promise.resolve()
  }

  #leave(digest: string, kept: Kept): void {
    this.#kept.delete(digest)
    kept.isLeft = true
    closeUnused(kept)
  }
}

function closeUnused({ provider, users, isLeft }: Kept): void {
  if (isLeft && users === 0) void provider.close()
}
