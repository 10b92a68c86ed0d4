import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, chatBody, EventStream, getJson } from '../support/ask.ts'
import { WAYS_TO_CHANGE } from '../support/change-file.ts'
import { configText } from '../support/config-text.ts'
import { Gateway, type LogLine } from '../support/gateway.ts'
import { chunk, DONE, finish, opens } from '../support/openai-upstream.ts'
import { type Turn, Upstream } from '../support/upstream.ts'
import { waitFor } from '../support/wait.ts'
import { WorkerProbes } from '../support/worker-probes.ts'

const SEEN_MS = 2000

let gateway: Gateway
let probes: WorkerProbes

/** The model of the configuration in use: each change brings another. */
let model = 'model-0'
let count = 0

beforeAll(async () => {
  gateway = await Gateway.start(config(model))
  probes = await WorkerProbes.open(gateway)
})

afterAll(async () => {
  probes?.close()
  await gateway?.stop()
})

function config(model: string): string {
  return configText([{ name: 'chat', provider: 'mock', base: '', model }])
}

/** A model that no configuration had yet. */
function nextModel(): string {
  model = `model-${++count}`
  return model
}

async function generations(): Promise<number[]> {
  return (await probes.health()).map(({ config }) => config.generation)
}

/** All workers serve this model. Fails after two seconds. */
async function active(model: string, deadlineMs = SEEN_MS): Promise<void> {
  await waitFor(
    `"${model}" to be active on all workers`,
    async () => (await probes.models('chat')).every((name) => name === model),
    deadlineMs,
  )
}

/** All workers report this reason not to use the file, or none for null. */
async function reported(error: RegExp | null): Promise<void> {
  await waitFor(`the health of all workers to say ${String(error)}`, async () => {
    const errors = (await probes.health()).map(({ config }) => config.error)
    return errors.every((text) => (error ? text !== null && error.test(text) : text === null))
  })
}

function refusals(): LogLine[] {
  return gateway.log().filter(({ msg }) => String(msg).startsWith('configuration not reloaded'))
}

describe('a changed file', () => {
  it.each(Object.entries(WAYS_TO_CHANGE))(
    'is in use within 2 s after %s, again and again',
    async (_name, change) => {
      const [before = 0] = await generations()
      for (let n = 0; n < 3; n++) {
        await change(gateway.configPath, config(nextModel()))
        await active(model)
      }
      expect(await generations()).toEqual([before + 3, before + 3])
    },
  )

  it('is in use whatever way came before', async () => {
    const ways = Object.values(WAYS_TO_CHANGE)
    for (const n of [2, 0, 1, 0, 2]) {
      await ways[n]?.(gateway.configPath, config(nextModel()))
      await active(model)
    }
    expect(new Set(await generations()).size).toBe(1)
  })

  it('that was only touched is no reload', async () => {
    const before = await generations()
    await utimes(gateway.configPath, new Date(), new Date())
    await sleep(1000)
    expect(await generations()).toEqual(before)
  })

  it('is in use in its last state when it changed many times', async () => {
    for (let n = 0; n < 40; n++) await writeFile(gateway.configPath, config(nextModel()))
    await active(model)
    expect(new Set(await generations()).size).toBe(1)
  })

  it('is in use soon after SIGHUP', async () => {
    await writeFile(gateway.configPath, config(nextModel()))
    gateway.signal('SIGHUP')
    await active(model)
    expect(await probes.models('chat')).toEqual([model, model])
  })
})

describe('a file that is written slowly', () => {
  /** Every whole route is a valid end, so nearly each line that is written completes a configuration. */
  const routes = Array.from({ length: 30 }, (_, n) => ({
    name: `route-${n}`,
    provider: 'mock' as const,
    base: '',
  }))
  const text = configText(routes)
  const longestRestMs = 250

  it('never takes effect in part', async () => {
    // A machine that stops for as long as the quiet time makes the file rest: then the writing is done again.
    const rests = await waitFor(
      'a run without a long rest',
      async () => {
        const seen = gateway.log().filter(isReload).length
        const rest = await writeSlowly()
        await waitFor('the whole file to be in use', async () => (await routeCount()) === 30)
        await waitFor('the reload in the log', () => gateway.log().filter(isReload).length > seen)
        if (rest < longestRestMs) return [rest]
        await writeFile(gateway.configPath, config(nextModel()))
        await active(model)
        return undefined
      },
      15_000,
    )
    await writeFile(gateway.configPath, config(nextModel()))
    await active(model)
    expect(rests[0]).toBeLessThan(longestRestMs)
    expect(partial).toEqual([])
    const counts = gateway
      .log()
      .filter(isReload)
      .map(({ routes }) => routes)
    expect(new Set(counts)).toEqual(new Set([1, 30]))
    expect(refusals()).toEqual([])
  }, 30_000)

  const partial: number[] = []

  /** Write in small steps for about two seconds, and look meanwhile; the longest pause between two steps. */
  async function writeSlowly(): Promise<number> {
    await truncate(gateway.configPath)
    partial.length = 0
    let longest = 0
    let last = performance.now()
    for (let at = 0; at < text.length; at += 16) {
      await appendFile(gateway.configPath, text.slice(at, at + 16))
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
      await sleep(5)
      const count = at % 160 === 0 ? await routeCount() : 1
      if (count !== 1 && count !== 30) partial.push(count)
    }
    return longest
  }
})

function isReload({ msg }: LogLine): boolean {
  return msg === 'configuration reloaded'
}

async function routeCount(): Promise<number> {
  const { routes } = await getJson<{ routes: unknown[] }>(`${gateway.url}/gateway/routes/`)
  return routes.length
}

const BAD_FILES: Record<string, { spoil: (path: string) => Promise<unknown>; error: RegExp }> = {
  'has a mistake': {
    spoil: (path) => writeFile(path, 'routes: [{ name: x }]'),
    error: /:1:\d+: routes\[0\]/,
  },
  'is no YAML': { spoil: (path) => writeFile(path, 'routes: [}'), error: /:1:\d+: / },
  'is empty': { spoil: (path) => writeFile(path, ''), error: /empty|routes/ },
  'names a variable that is not set': {
    spoil: (path) =>
      writeFile(path, configText([{ name: 'chat', base: 'http://127.0.0.1:1', key: '$NOT_SET' }])),
    error: /NOT_SET/,
  },
  'is not UTF-8': {
    spoil: (path) => writeFile(path, Buffer.from([0x72, 0xff, 0xfe, 0xc3])),
    error: /UTF-8/i,
  },
  'is too large': {
    spoil: (path) => writeFile(path, `#${'x'.repeat(5 * 1024 * 1024)}`),
    error: /4 MB|MiB|larger/,
  },
  'is gone': { spoil: (path) => rm(path), error: /is gone/ },
  'became a folder': {
    spoil: async (path) => {
      await mkdir(`${path}.folder`)
      await linkOver(path, `${path}.folder`)
    },
    error: /./,
  },
  'became a pipe': {
    spoil: async (path) => {
      execFileSync('mkfifo', [`${path}.pipe`])
      await linkOver(path, `${path}.pipe`)
    },
    error: /./,
  },
}

/** Put a link in the file's place, without a moment in which there is nothing. */
async function linkOver(path: string, target: string): Promise<void> {
  await symlink(target, `${path}.link`)
  await rename(`${path}.link`, path)
}

describe('a file that', () => {
  it.each(Object.entries(BAD_FILES))(
    '%s keeps the last good one, and says so once',
    async (_name, { spoil, error }) => {
      const [before = 0] = await generations()
      const refusedBefore = refusals().length
      await spoil(gateway.configPath)
      await reported(error)
      expect(await probes.models('chat')).toEqual([model, model])
      expect((await ask(`${gateway.url}/endpoints/chat/invocations`, { body: chatBody('hi') })).status).toBe(
        200,
      )
      // Several more looks at the file.
      await sleep(800)
      await waitFor('the line in the log', () => refusals().length > refusedBefore)
      const said = refusals().slice(refusedBefore)
      expect(said).toEqual([expect.objectContaining({ level: 40, error: expect.stringMatching(error) })])
      // A good one later clears it.
      await WAYS_TO_CHANGE['renaming another over it']?.(gateway.configPath, config(nextModel()))
      await active(model)
      await reported(null)
      expect(await generations()).toEqual([before + 1, before + 1])
    },
  )

  it('is gone for a while and comes back unchanged clears the report without a reload', async () => {
    const before = await generations()
    await rm(gateway.configPath)
    await reported(/is gone/)
    await writeFile(gateway.configPath, config(model))
    await reported(null)
    expect(await generations()).toEqual(before)
  })
})

it('a stream whose route is gone from the new configuration finishes on the old one', async () => {
  let turn: Turn | undefined
  const upstream = await Upstream.start({ stream: opens(['first '], (open) => (turn = open)) })
  try {
    await writeFile(gateway.configPath, configText([{ name: 'chat', base: upstream.url, key: 'old-key' }]))
    await active('gpt')
    const path = `${gateway.url}/endpoints/chat/invocations`
    const stream = await EventStream.open(path, chatBody('stream', { stream: true }))
    await stream.sees('first')
    await writeFile(gateway.configPath, configText([{ name: 'other', provider: 'mock', base: '' }]))
    await waitFor(
      'the route to be gone',
      async () => (await probes.models('chat')).every((name) => !name),
      SEEN_MS,
    )
    expect((await ask(path, { body: chatBody('late') })).status).toBe(404)
    turn?.write(chunk('last') + finish() + DONE)
    turn?.response.end()
    await stream.end()
    expect(stream.content()).toBe('first last')
    expect(stream.error()).toBeUndefined()
  } finally {
    await upstream.close()
  }
})
