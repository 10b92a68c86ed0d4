import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { basicConfig } from '../config.ts'
import { residentMb } from '../cpu.ts'
import { startGateway, type Gateway } from '../gateway.ts'
import { keepMillion, RECORDS } from '../million-records.ts'
import { USAGE_DIMENSIONS } from '../../src/core/database.ts'
import type { Figure, Row } from '../row.ts'
import { percentile } from '../statistics.ts'

const ADMIN_KEY = 'the-bench-asks-as-an-admin'
const ASKS = 25
const MOST_MS = 200
const DAY_MS = 86_400_000
const LIST = '/admin/requests?limit=50'
/** That a whole export, of some 400 MB, may add to the memory of the primary: pages, and V8's room for their garbage. */
const MOST_EXPORT_MB = 150

/** The admin API over a million records in SQLite: pages of requests, sums of 30 days, and all of it as a file. */
export const million: Row = {
  key: 'million',
  title: '1,000,000 records in SQLite',
  isLong: true,
  async run(rig) {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-million-'))
    try {
      const until = Math.ceil(Date.now() / 3_600_000) * 3_600_000
      const { insertUs } = await keepMillion(join(folder, 'gateway.sqlite'), until)
      const gateway = await startGateway({
        command: rig.gatewayCommand,
        config: basicConfig(rig.upstreamPort),
        workers: 1,
        cores: rig.pinning.all,
        env: { MLFLOW_GATEWAY_DATA_DIR: folder, MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY },
      })
      const figures: Figure[] = [{ name: 'insert, us a record', gateway: insertUs }]
      for (const [name, path] of questions(until)) figures.push(await time(gateway, name, path))
      figures.push(await time(gateway, 'list, far down', await farDown(gateway, until)))
      figures.push(...(await exportAll(gateway)))
      await gateway.stop()
      return { figures, notes: [`p99 of ${ASKS} asks each, the first of a cold cache`], errors: 0 }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function questions(until: number): [string, string][] {
  const day = (ago: number): string => new Date(until - ago * DAY_MS).toISOString()
  const some = `since=${day(20)}&until=${day(5)}`
  const month = `/admin/usage?since=${day(30)}&until=${day(0)}`
  const midHour = `since=${new Date(until - 30 * DAY_MS + 754_321).toISOString()}`
  return [
    ['list', LIST],
    ['list of a key', `${LIST}&key=key-3`],
    ['list of a team', `${LIST}&team=team-3`],
    ['list of errors', `${LIST}&outcome=error`],
    ['list of a status', `${LIST}&status=429`],
    ['list of a model', `${LIST}&model=model-2`],
    ['list of a time', `${LIST}&${some}`],
    ['list of all these', `${LIST}&key=key-3&team=team-3&status=429&model=model-0&${some}`],
    ['list of a tag', `${LIST}&tag=project:project-3`],
    ['list with nothing in it', `${LIST}&key=key-3&model=model-3&status=429`],
    ['30 days', month],
    ['30 days by day', `${month}&bucket=day`],
    ['30 days by day and model', `${month}&bucket=day&by=model`],
    ...[...USAGE_DIMENSIONS, 'tag:project'].map((name): [string, string] => [
      `30 days by ${name}`,
      `${month}&by=${name}`,
    ]),
    ['30 days of a key', `${month}&bucket=day&key=key-3`],
    ['30 days of a team by model', `${month}&by=model&team=team-3`],
    ['30 days of errors by key', `${month}&by=key&outcome=error`],
    ['30 days from within an hour', `/admin/usage?${midHour}&by=model`],
  ]
}

/** A page after nearly all of the others, as who goes on and on gets to it. */
async function farDown(gateway: Gateway, until: number): Promise<string> {
  const old = new Date(until - 29.5 * DAY_MS).toISOString()
  const page: unknown = await (await ask(gateway, `${LIST}&until=${old}`)).json()
  if (typeof page === 'object' && page !== null && 'next' in page && typeof page.next === 'string')
    return `${LIST}&after=${page.next}`
  throw new Error('a page of the oldest records has no next one')
}

async function time(gateway: Gateway, name: string, path: string): Promise<Figure> {
  const times: number[] = []
  for (let index = 0; index < ASKS; index += 1) {
    const startedAt = performance.now()
    await (await ask(gateway, path)).arrayBuffer()
    times.push(performance.now() - startedAt)
  }
  return { name: `${name}, ms`, gateway: percentile(times, 99), target: { of: 'gateway', atMost: MOST_MS } }
}

async function exportAll(gateway: Gateway): Promise<Figure[]> {
  const before = residentMb(gateway.primaryPid)
  const startedAt = performance.now()
  const answer = await ask(gateway, '/admin/requests/export?format=csv')
  let [lines, most] = [0, before]
  for await (const bytes of answer.body ?? []) {
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1
    most = Math.max(most, residentMb(gateway.primaryPid))
  }
  if (lines !== RECORDS + 1) throw new Error(`the export has ${lines} lines for ${RECORDS} records`)
  const seconds = (performance.now() - startedAt) / 1000
  return [
    { name: 'export of all, s', gateway: seconds },
    {
      name: 'export of all, MB more in the primary',
      gateway: most - before,
      target: { of: 'gateway', atMost: MOST_EXPORT_MB },
    },
  ]
}

const NEWLINE = 10

async function ask(gateway: Gateway, path: string): Promise<Response> {
  const answer = await fetch(`http://127.0.0.1:${gateway.port + 1}${path}`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  })
  if (answer.status !== 200)
    throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`)
  return answer
}
