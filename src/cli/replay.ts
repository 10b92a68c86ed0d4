import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cassette } from '../cassettes/cassette.ts'
import { listCassettes } from '../cassettes/list-cassettes.ts'
import { readCassette } from '../cassettes/read-cassette.ts'
import { buildRuntime } from '../config/build.ts'
import { printIssue } from '../config/issue.ts'
import { loadConfig } from '../config/load.ts'
import { withModules } from '../config/modules.ts'
import { builtIn } from '../config/registry.ts'
import { costUsd } from '../core/prices.ts'
import type { ServerSettings } from '../core/route.ts'
import { priceOf } from '../prices/index.ts'
import { EXIT_USAGE } from './program.ts'
import { compare, summarise, type Comparison, type CostOf } from './replay/comparison.ts'
import { recordedOutcome } from './replay/outcome.ts'
import { rerun } from './replay/rerun.ts'
import { rerunnableFormats, toRerun } from './replay/rerunnable.ts'
import { writeTable } from './replay/table.ts'

export interface ReplayArguments {
  configPath: string
  route: string
  concurrency: number
  /** The file that gets all figures as JSON. */
  json?: string
}

/**
 * `mlflow-gateway replay`: recorded requests once more, through a route of a configuration, in this process. Exit code 0
 * when all were answered, 1 when some were not, 2 for a wrong call or configuration.
 */
export async function replay(directory: string, options: ReplayArguments): Promise<number> {
  const loaded = await loadConfig(options.configPath)
  if (!loaded.ok) {
    process.stderr.write(loaded.issues.map((issue) => `${printIssue(issue)}\n`).join(''))
    return EXIT_USAGE
  }
  let files: string[]
  try {
    files = listCassettes(directory)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return refuse(`"${directory}" cannot be replayed: ${error.message}`)
  }
  const { config } = loaded
  const runtime = buildRuntime(config, 1, { registry: await withModules(builtIn, config) })
  try {
    const route = runtime.route(options.route)
    if (!route) {
      const names = config.routes.map(({ name }) => name).join(', ')
      return refuse(`option '--route': there is no route "${options.route}"; the file has ${names}`)
    }
    const { settings } = runtime
    const sender = new Sender({ directory, route, settings, costOf })
    await sender.send(files, options.concurrency)
    return await report(sender, options.json)
  } finally {
    await runtime.retire()
  }
}

const costOf: CostOf = (served, usage) => {
  const price = priceOf(served)
  return price && costUsd(usage, price)
}

function refuse(message: string): number {
  process.stderr.write(`error: ${message}\n`)
  return EXIT_USAGE
}

interface SenderSetup {
  readonly directory: string
  readonly route: Parameters<typeof rerun>[1]['route']
  readonly settings: ServerSettings
  readonly costOf: CostOf
}

/** Sends cassettes and keeps what became of them, and none of their texts. */
class Sender {
  readonly #setup: SenderSetup
  readonly #compared: (Comparison | undefined)[] = []
  /** Why cassettes were not sent, and how many. */
  readonly skipped = new Map<string, number>()

  constructor(setup: SenderSetup) {
    this.#setup = setup
  }

  /** In the order of the files. */
  get comparisons(): Comparison[] {
    return this.#compared.filter((comparison) => comparison !== undefined)
  }

  async send(files: readonly string[], concurrency: number): Promise<void> {
    let next = 0
    const work = async (): Promise<void> => {
      while (next < files.length) {
        const place = next++
        this.#compared[place] = await this.#sendOne(files[place] ?? '')
      }
    }
    await Promise.all(Array.from({ length: Math.min(concurrency, files.length) }, work))
  }

  async #sendOne(file: string): Promise<Comparison | undefined> {
    const { directory, route, settings, costOf } = this.#setup
    const cassette = await readOne(join(directory, file))
    if (!cassette) return this.#skip('no cassette')
    const request = toRerun(cassette)
    if (!request)
      return this.#skip(rerunnableFormats.includes(cassette.format) ? 'too large' : cassette.format)
    const recorded = recordedOutcome(cassette, request.format)
    const now = await rerun(request, { id: file, route, settings })
    const { provider, model } = cassette
    const { provider: otherProvider, name } = route.info.model
    return compare(
      { cassette: file, format: cassette.format },
      { recorded: { ...recorded, provider, model }, now: { ...now, provider: otherProvider, model: name } },
      costOf,
    )
  }

  #skip(reason: string): undefined {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1)
  }
}

async function readOne(path: string): Promise<Cassette | undefined> {
  try {
    return readCassette(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}

async function report({ comparisons, skipped }: Sender, json: string | undefined): Promise<number> {
  const summary = summarise(comparisons)
  process.stdout.write(writeTable(comparisons, summary))
  for (const [reason, count] of skipped) process.stdout.write(`not sent   ${count} (${reason})\n`)
  if (json !== undefined) {
    const all = { summary, skipped: Object.fromEntries(skipped), comparisons }
    try {
      await writeFile(json, `${JSON.stringify(all, null, 2)}\n`)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      return refuse(`option '--json': the file cannot be written (${code})`)
    }
  }
  return summary.ran > 0 && summary.failed === 0 ? 0 : 1
}
