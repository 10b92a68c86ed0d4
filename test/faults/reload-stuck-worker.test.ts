import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import { isRunning, signal } from '../support/processes.ts'
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

it('a worker that is stuck holds the others back, is replaced, and then all run the new configuration', async () => {
  const [stuck = 0, other = 0] = gateway.workers()
  // A worker that does not answer: it neither builds nor refuses.
  signal(stuck, 'SIGSTOP')
  await writeFile(gateway.configPath, config('second'))
  const before = await gateway.health()
  expect(before).toMatchObject({ worker_pid: other, config: { generation: 1, error: null } })
  await waitFor('the stuck worker to be gone', () => !isRunning(stuck), 15_000)
  await waitFor('a new worker', () => gateway.workers().length === 2, 5000)
  probes.close()
  probes = await WorkerProbes.open(gateway)
  await waitFor('both workers to run the new configuration', async () =>
    (await probes.models('chat')).every((model) => model === 'second'),
  )
  const health = await probes.health()
  expect(health.map(({ config }) => config)).toEqual([
    expect.objectContaining({ generation: 2, error: null }),
    expect.objectContaining({ generation: 2, error: null }),
  ])
  expect(gateway.workers()).toContain(other)
}, 40_000)

it('a worker that takes the place of a killed one during a reload runs the new configuration too', async () => {
  const [stuck = 0, killed = 0] = gateway.workers()
  signal(stuck, 'SIGSTOP')
  await writeFile(gateway.configPath, config('third'))
  // The reload begins once the file has been still; the new worker then starts in the middle of it.
  await new Promise((resolve) => {
    setTimeout(resolve, 1500)
  })
  signal(killed, 'SIGKILL')
  await waitFor('a new worker', () => gateway.workers().some((pid) => pid !== stuck && pid !== killed), 5000)
  await waitFor('the new worker to serve', async () => (await gateway.health()).worker_pid !== killed, 5000)
  signal(stuck, 'SIGCONT')
  probes.close()
  probes = await WorkerProbes.open(gateway)
  await waitFor('the new configuration on every worker', async () =>
    (await probes.models('chat')).every((model) => model === 'third'),
  )
  expect((await probes.health()).map(({ config }) => config.generation)).toEqual([3, 3])
}, 40_000)
