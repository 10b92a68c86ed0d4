import { rotateKey } from '../../auth/issue-key.ts'
import { parseDuration } from '../../core/duration.ts'
import type { StoreOptions } from '../open-store.ts'
import { EXIT_USAGE } from '../program.ts'
import { withStore } from '../with-store.ts'
import { findKey } from './find-key.ts'
import { printIssued } from './show.ts'

interface RotateOptions extends StoreOptions {
  /** A duration. */
  readonly grace: string
  readonly json?: boolean
}

/** `mlflow-gateway keys rotate`. */
export function replaceKey(which: string, { grace, json = false, ...store }: RotateOptions): Promise<number> {
  const graceMs = grace === '0' ? 0 : parseDuration(grace)
  if (graceMs === undefined) {
    process.stderr.write('error: --grace is no duration: write one as in 24h, or 0\n')
    return Promise.resolve(EXIT_USAGE)
  }
  return withStore(store, async (database, actor) => {
    const at = await findKey(database, which)
    const issued = await rotateKey(database, { at, graceMs }, { actor, action: 'key.rotate' })
    if (!issued) throw new Error(`error: the key "${which}" was deleted meanwhile`)
    printIssued(issued, { json })
    return 0
  })
}
