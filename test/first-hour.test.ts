import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Gateway } from './support/gateway.ts'
import { blocksOf } from './support/markdown.ts'
import { playGuide } from './support/play-guide.ts'

const text = await readFile(new URL('../docs/guide/first-hour.md', import.meta.url), 'utf8')
const [yaml = ''] = blocksOf(text, 'yaml')
const [start = '', ...blocks] = blocksOf(text, 'sh')

let gateway: Gateway
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'first-hour-'))
  gateway = await Gateway.start(yaml, { env: { MLFLOW_GATEWAY_DATA_DIR: join(folder, '.mlflow-gateway') } })
})

afterAll(async () => {
  await gateway?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('the commands of the first hour do what the guide says', async () => {
  expect(start).toContain('mlflow-gateway start --config-path gateway.yaml')
  expect(blocks.join('\n').match(/^# -> /gm)?.length).toBeGreaterThan(10)
  expect(await playGuide(blocks, gateway, folder)).toEqual([])
}, 60_000)
