import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/**
 * The tests on other versions of Node.js, which npm brings: `npm run test:runtimes`, or `-- 24` for one, or `-- --all` for
 * every suite and not only those in which versions differ.
 */
const VERSIONS = ['20', '22', '24']
/** Processes, sockets, streams, SQLite, files and the browser; the codecs are the same everywhere. */
const SUITES = [
  'src',
  'test/admin',
  'test/cli',
  'test/dashboard',
  'test/stores',
  'test/usage',
  'test/faults/start',
  'test/e2e',
]

const run = promisify(execFile)
const words = process.argv.slice(2)
const isAll = words.includes('--all')
const given = words.filter((word) => word !== '--all')
const failed: string[] = []
for (const version of given.length > 0 ? given : VERSIONS) {
  const node = await install(version)
  const { stdout } = await run(node, ['--version'])
  process.stdout.write(`\n== Node.js ${stdout}`)
  if (!(await test(node))) failed.push(stdout.trim())
}
process.stdout.write(failed.length === 0 ? '\nall passed\n' : `\nfailed on ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1

/** Its path; it lies outside of the project, and stays there for the next time. */
async function install(version: string): Promise<string> {
  const folder = join(tmpdir(), 'mlflow-gateway-runtimes', `node-${version}`)
  const node = join(folder, 'node_modules/node/bin/node')
  if (existsSync(node)) return node
  await mkdir(folder, { recursive: true })
  await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `node@${version}`])
  return node
}

function test(node: string): Promise<boolean> {
  const child = spawn(node, ['node_modules/vitest/vitest.mjs', 'run', ...(isAll ? [] : SUITES)], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}` },
  })
  return new Promise((resolve) => child.once('close', (code) => resolve(code === 0)))
}
