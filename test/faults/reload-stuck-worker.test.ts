import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import { signal } from '../support/processes.ts'
import { waitFor } from '../support/wait.ts'
import { WorkerProbes } from '../support/worker-probes.ts'

let gateway: Gateway
let probes: WorkerProbes

beforeAll(async () => {
  gateway = await Gateway.start(config('first'))
  probes = await WorkerProbes.open(gateway)
})

afterAll(async () => {
  probes?.close()
  await gateway?.stop()
})

function config(model: string): string {
  return configText([{ name: 'chat', provider: 'mock', base: '', model }])
}

it('no worker switches when one of them cannot build the new configuration', async () => {
  const [stuck = 0, other = 0] = gateway.workers()
  // A worker that does not answer: it neither builds nor refuses.
  signal(stuck, 'SIGSTOP')
  await writeFile(gateway.configPath, config('second'))
  const health = await waitFor(
    'the reload to be given up',
    async () => {
      const health = await gateway.health()
      return health.config.error !== null && health
    },
    15_000,
  )
  expect(health.worker_pid).toBe(other)
  expect(health.config).toMatchObject({ generation: 1, error: expect.stringMatching(/worker/) })
  signal(stuck, 'SIGCONT')
  await waitFor('both workers to say so', async () =>
    (await probes.health()).every(({ config }) => config.error !== null),
  )
  expect(await probes.models('chat')).toEqual(['first', 'first'])
  // Once it is well again, the next change reaches both.
  await writeFile(gateway.configPath, config('third'))
  await waitFor('both workers to switch', async () =>
    (await probes.models('chat')).every((model) => model === 'third'),
  )
  expect((await probes.health()).map(({ config }) => config.error)).toEqual([null, null])
  const refused = gateway.log().filter(({ msg }) => String(msg).startsWith('configuration not reloaded'))
  expect(refused).toHaveLength(1)
}, 40_000)
