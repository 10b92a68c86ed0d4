import type { Database } from '../core/database.ts'
import type { Logger } from './log.ts'

/** Tell the operator when the database has gone away, and when it is back. */
export function logState(log: Logger, database: Database): void {
  database.whenStateChanges(({ isUp, problem }) => {
    if (isUp) log.info('the database is there again')
    else log.error({ reason: problem }, 'the database is away: known keys work on, records wait in the spool')
  })
}
