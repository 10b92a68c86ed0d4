import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Gateway } from '../support/gateway.ts'
import { blocksOf } from '../support/markdown.ts'
import { playGuide } from '../support/play-guide.ts'

const text = await readFile(new URL('../../docs/guide/quickstart.md', import.meta.url), 'utf8')
const [start = '', ...blocks] = blocksOf(text, 'sh')

let gateway: Gateway
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quickstart-'))
  gateway = await Gateway.start('', {
    arguments: ['--quickstart', '--port', '0'],
    env: { MLFLOW_GATEWAY_DATA_DIR: join(folder, '.mlflow-gateway') },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('the commands of the quickstart answer what the guide says, without a key and a network', async () => {
  expect(start).toBe('npm ci && npm start\n')
  expect(blocks.join('\n').match(/^# -> /gm)).toHaveLength(5)
  expect(await playGuide(blocks, gateway, folder)).toEqual([])
})
