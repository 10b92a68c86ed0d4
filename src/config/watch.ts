import { stat } from 'node:fs/promises'
import { readConfigFile } from './read-file.ts'

export interface WatchOptions {
  path: string
  /** What is in use now: content equal to it is not reported. */
  initialText?: string
  /** A new content, complete and different from the last one reported. */
  onChange(text: string): void
  /** The file is no longer there; called once until it is back. */
  onGone(): void
  /** The file can be read again after `onGone` or `onUnreadable`; `onChange` follows only if its content is another. */
  onBack?(): void
  /** The file is there and has no text to be read (permissions, size, encoding); called once per reason. */
  onUnreadable?(message: string): void
  /** How often to look, in milliseconds. */
  pollMs?: number
  /** How long the file must rest before its content counts, in milliseconds. */
  quietMs?: number
}

export interface ConfigWatch {
  /** Look now, without waiting for the next turn. */
  check(): void
  /** Report the content once more when it has been still for the quiet time, also when it is the same. */
  reread(): void
  close(): void
}

/** File systems with coarse clocks can hide a write of the same size just after a read, so look once more then. */
const RECHECK_MS = 3000

/**
 * Follow a configuration file by its path. It asks the file system instead of waiting for notices: those do not come
 * for symbolic links that are swapped (Kubernetes), nor from network file systems.
 */
export function watchConfig(options: WatchOptions): ConfigWatch {
  const watcher = new Watcher(options)
  watcher.check()
  return {
    check: () => watcher.check(),
    reread: () => watcher.reread(),
    close: () => watcher.close(),
  }
}

interface Sighting {
  /** Identity, size and times of the file that the path leads to; empty when there is none. */
  mark: string
  /** Undefined when there is nothing to be read. */
  text: string | undefined
  message: string
  at: number
}

class Watcher {
  readonly #options: WatchOptions
  readonly #pollMs: number
  readonly #quietMs: number
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #lookAgain = false
  #isClosed = false
  #isGone = false
  /** The last content reported. */
  #text: string | undefined
  #message = ''
  /** The mark of the file whose content is settled. */
  #settled: string | undefined
  #recheckAt = Number.POSITIVE_INFINITY
  /** Seen once, to be confirmed after the quiet time. */
  #pending: Sighting | undefined

  constructor(options: WatchOptions) {
    this.#options = options
    this.#pollMs = options.pollMs ?? 250
    this.#quietMs = options.quietMs ?? 400
    this.#text = options.initialText
  }

  check(): void {
    if (this.#isLooking) this.#lookAgain = true
    else void this.#turn()
  }

  reread(): void {
    this.#settled = undefined
    this.#text = undefined
    this.check()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  /** One look at a time; the next is planned when this one is over. */
  async #turn(): Promise<void> {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#isLooking = true
    try {
      do {
        this.#lookAgain = false
        await this.#look()
      } while (this.#lookAgain && !this.#isClosed)
    } finally {
      this.#isLooking = false
      if (!this.#isClosed) this.#timer = setTimeout(() => void this.#turn(), this.#pollMs).unref()
    }
  }

  async #look(): Promise<void> {
    const mark = await markOf(this.#options.path)
    const now = performance.now()
    if (mark === this.#settled && now < this.#recheckAt) {
      this.#pending = undefined
      return
    }
    // Only the mark is compared while the quiet time lasts: a big file is read twice, not at every turn.
    if (this.#pending?.mark === mark && now - this.#pending.at < this.#quietMs) return
    const seen = await sight(this.#options.path, mark)
    if (this.#isClosed) return
    const before = this.#pending
    this.#pending = seen
    if (!seen || before?.mark !== mark || before.text !== seen.text) return
    this.#pending = undefined
    this.#settle(seen)
  }

  #settle({ mark, text, message }: Sighting): void {
    this.#settled = mark
    this.#recheckAt = Number.POSITIVE_INFINITY
    if (mark === '') return this.#reportGone()
    if (text === undefined) return this.#reportUnreadable(message)
    if (this.#isGone || this.#message !== '') this.#options.onBack?.()
    this.#isGone = false
    this.#message = ''
    if (text === this.#text) return
    this.#text = text
    this.#recheckAt = performance.now() + RECHECK_MS
    this.#options.onChange(text)
  }

  #reportGone(): void {
    this.#isGone = true
    this.#message = ''
    this.#options.onGone()
  }

  #reportUnreadable(message: string): void {
    if (message === this.#message) return
    this.#message = message
    this.#isGone = false
    this.#options.onUnreadable?.(message)
  }
}

/** The file as it is now; undefined when it changed while it was read. */
async function sight(path: string, mark: string): Promise<Sighting | undefined> {
  const at = performance.now()
  if (mark === '') return { mark, text: undefined, message: '', at }
  const read = await readConfigFile(path)
  if ((await markOf(path)) !== mark) return undefined
  return { mark, text: read.ok ? read.text : undefined, message: read.ok ? '' : read.message, at }
}

async function markOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(':')
  } catch (error) {
    const isGone =
      error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    return isGone ? '' : 'unreachable'
  }
}
