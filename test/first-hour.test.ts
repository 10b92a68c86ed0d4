import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Gateway } from './support/gateway.ts'
import { blocksOf } from './support/markdown.ts'

const run = promisify(execFile)
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const text = await readFile(new URL('../docs/guide/first-hour.md', import.meta.url), 'utf8')
const [yaml = ''] = blocksOf(text, 'yaml')
const [start = '', ...blocks] = blocksOf(text, 'sh')

let gateway: Gateway
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'first-hour-'))
  gateway = await Gateway.start(yaml, { env: { MLFLOW_GATEWAY_DATA_DIR: join(folder, '.mlflow-gateway') } })
  // The command as it is once the package is installed.
  const command = join(folder, 'mlflow-gateway')
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`, { mode: 0o755 })
})

afterAll(async () => {
  await gateway?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** All of the page's commands in one shell, each paragraph's output behind a line of its own. */
async function play(): Promise<string[]> {
  const script = blocks
    .flatMap((block) => block.split('\n\n'))
    .map((part) => `echo '<<part>>'\n${part}`)
    .join('\n')
    .replaceAll('127.0.0.1:5000', `127.0.0.1:${gateway.port}`)
    .replaceAll('127.0.0.1:5001', `127.0.0.1:${gateway.port + 1}`)
  const { stdout } = await run('sh', ['-c', script], {
    env: { HOME: folder, PATH: `${folder}:${process.env['PATH']}` },
  })
  return stdout.split('<<part>>\n').slice(1)
}

test('the commands of the first hour do what the guide says', async () => {
  expect(start).toContain('mlflow-gateway start --config-path gateway.yaml')
  const outputs = await play()
  const parts = blocks.flatMap((block) => block.split('\n\n'))
  expect(outputs).toHaveLength(parts.length)
  const missing = parts.flatMap((part, index) => {
    const output = outputs[index] ?? ''
    const wanted = [...part.matchAll(/^# -> (.+)$/gm)].map(([, words = '']) => words)
    return wanted.filter((words) => !output.includes(words)).map((words) => ({ words, output }))
  })
  expect(missing).toEqual([])
}, 60_000)
