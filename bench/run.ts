/** The bench: `tsx bench/run.ts [--quick] [--only key,key] [--json file] [--gateway "command"]`; see README.md here. */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { endChildrenAtExit } from './children.ts'
import { sharedConfig } from './config.ts'
import { startGateway, type Gateway } from './gateway.ts'
import { choosePinning } from './pinning.ts'
import { environmentOf, headline, table, toJson, writeJson, type ReportedRow } from './report.ts'
import { startRig, type Rig } from './rig.ts'
import type { Row } from './row.ts'
import { governance } from './rows/governance.ts'
import { latency } from './rows/latency.ts'
import { memory } from './rows/memory.ts'
import { million } from './rows/million.ts'
import { overload } from './rows/overload.ts'
import { plans } from './rows/plans.ts'
import { start } from './rows/start.ts'
import { stream } from './rows/stream.ts'
import { thousandStreams } from './rows/thousand-streams.ts'
import { work } from './rows/work.ts'
import { fullSettings, quickSettings } from './settings.ts'
import { warmUp } from './warm-up.ts'

const ROWS: readonly Row[] = [
  ...work,
  stream,
  ...plans,
  governance,
  overload,
  thousandStreams,
  memory,
  start,
  latency,
  million,
]
const BUILT_GATEWAY = new URL('../dist/main.js', import.meta.url).pathname
const USAGE_ERROR = 2

endChildrenAtExit()
const { values } = readArguments()
const failed = await run()
process.exit(failed ? 1 : 0)

/** True when a row failed to run or an answer was wrong; a missed target is not a failure. */
async function run(): Promise<boolean> {
  const rows = chosenRows()
  const gatewayCommand = commandOf()
  const pinning = choosePinning()
  const mode = values.quick ? 'quick' : 'full'
  const environment = environmentOf({
    pinning: pinning.note,
    mode,
    gateway: values.gateway ?? 'node dist/main.js',
  })
  console.error(headline(environment))

  const rig = await startRig({
    settings: values.quick ? quickSettings : fullSettings,
    pinning,
    gatewayCommand,
  })
  const reported = await runRows(rows, rig)
  console.log(`${table(reported)}\n`)
  const json = toJson(environment, reported)
  if (values.json === undefined) console.log(json)
  else writeJson(values.json, json)
  return reported.some((row) => row.result === undefined || row.result.errors > 0)
}

async function runRows(rows: readonly Row[], rig: Rig): Promise<ReportedRow[]> {
  const { gatewayCommand: command, upstreamPort, pinning } = rig
  const reported: ReportedRow[] = []
  let shared: Gateway | undefined
  for (const row of rows) {
    const { key, title } = row
    const startedAt = performance.now()
    try {
      const result = await row.run(rig, async () => {
        if (shared !== undefined) return shared
        shared = await startGateway({
          command,
          config: sharedConfig(upstreamPort),
          workers: 1,
          cores: pinning.proxy,
        })
        await warmUp(rig, shared)
        return shared
      })
      reported.push({ key, title, result })
    } catch (error) {
      reported.push({ key, title, failure: error instanceof Error ? error.message : String(error) })
    }
    console.error(`${title}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  }
  await shared?.stop()
  return reported
}

function readArguments(): {
  values: {
    quick: boolean
    only?: string | undefined
    json?: string | undefined
    gateway?: string | undefined
  }
} {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        json: { type: 'string' },
        gateway: { type: 'string' },
      },
    })
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function chosenRows(): readonly Row[] {
  if (values.only === undefined) return ROWS.filter(({ isLong = false }) => !(isLong && values.quick))
  return values.only.split(',').map((key) => {
    const row = ROWS.find((each) => each.key === key.trim())
    return (
      row ??
      refuse(`--only: there is no row "${key}"; write some of ${ROWS.map((each) => each.key).join(',')}`)
    )
  })
}

function commandOf(): string[] {
  if (!existsSync('/proc/self/stat')) refuse('the bench reads CPU times from /proc, which is only on Linux')
  if (values.gateway !== undefined) return values.gateway.split(/\s+/).filter((word) => word !== '')
  if (!existsSync(BUILT_GATEWAY))
    refuse('dist/main.js is missing; run `npm run build` first, or give --gateway')
  return [process.execPath, BUILT_GATEWAY]
}

function refuse(message: string): never {
  console.error(`bench: ${message}`)
  process.exit(USAGE_ERROR)
}
