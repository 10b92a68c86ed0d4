import { afterAll, expect, test } from 'vitest'
import { startPostgres } from '../support/postgres.ts'
import { waitFor } from '../support/wait.ts'
import { startOnPostgres } from './rig/database-stage.ts'

const postgres = await startPostgres()
afterAll(() => postgres?.stop())

test.runIf(postgres)('without its Postgres the gateway starts, serves and keeps every record', async () => {
  if (!postgres) return
  const { stage, proxy, open } = await startOnPostgres(postgres, 'away', { connect: 'refuse' })
  const { gateway } = stage
  await stage.ask(16)
  await waitFor('the log to say so', () => gateway.stdout.includes('the database is away'))
  await proxy.set({})
  await waitFor('the log to say that it is back', () =>
    gateway.stdout.includes('the database is there again'),
  )
  await stage.ask(16)
  // In the middle of what a transaction is told: what became of it, the gateway cannot know.
  for (const afterBytes of [400, 900, 1_500]) {
    await proxy.set({ cut: { afterBytes, how: 'rst' } })
    await stage.ask(16)
  }
  await proxy.set({})
  expect(await stage.reconcile(await open())).toEqual([])
  expect(gateway.stdout + gateway.stderr).not.toContain('gateway:gateway')
})
