import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../src/cluster/free-port.ts'
import { ask } from '../support/ask.ts'
import { waitFor } from '../support/wait.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MOST_INSTALLED_MB = 60
const run = promisify(execFile)

interface Locked {
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
}

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

describe('the packed tarball', () => {
  let folder: string
  let files: string[]
  let unpacked: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tarball-'))
    const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
    const { stdout } = await run('npm', words, { cwd: ROOT })
    const [packed]: Packed[] = JSON.parse(stdout)
    files = packed?.files.map(({ path }) => path) ?? []
    await run('tar', ['-xzf', join(folder, packed?.filename ?? ''), '-C', folder])
    unpacked = join(folder, 'package')
    // What an installation would bring, without the network.
    await symlink(join(ROOT, 'node_modules'), join(unpacked, 'node_modules'))
  }, 60_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('has what it runs, shows and explains, and nothing else', () => {
    for (const path of [
      'dist/main.js',
      'dist/client/index.d.ts',
      'dist/dashboard/index.html',
      'assets/docs/index.html',
    ]) {
      expect(files).toContain(path)
    }
    const allowed = /^(?:dist|assets|examples|deploy|docs)\/|^(?:package\.json|[A-Z]+(?:\.md)?)$/
    expect(files.filter((path) => !allowed.test(path))).toEqual([])
    expect(files.filter((path) => /\.test\.|\.map$|(?:^|\/)\.env/.test(path))).toEqual([])
  })

  it('has nothing that a publisher should mend', async () => {
    const { messages } = await publint({ pkgDir: unpacked, pack: false, strict: true })
    expect(messages.map(({ code }) => code)).toEqual([])
  })

  it('answers from where it was unpacked', async () => {
    const port = await freePort('127.0.0.1')
    const child = spawn(
      process.execPath,
      ['dist/main.js', 'start', '--quickstart', '--port', String(port), '--workers', '1'],
      {
        cwd: unpacked,
        env: { PATH: process.env['PATH'], HOME: folder },
        stdio: 'ignore',
      },
    )
    try {
      const body = { model: 'chat', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 3 }
      const answer = await waitFor('an answer', () =>
        ask(`http://127.0.0.1:${port}/v1/chat/completions`, { body }).catch(() => undefined),
      )
      expect(answer.status).toBe(200)
      expect((await ask(`http://127.0.0.1:${port + 1}/`)).text).toContain('<div id="root">')
    } finally {
      child.kill()
      await new Promise((resolve) => child.once('close', resolve))
    }
  })

  it(`takes less than ${MOST_INSTALLED_MB} MB with what it cannot do without`, async () => {
    const { packages }: { packages: Record<string, Locked> } = JSON.parse(
      readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
    )
    const needed = Object.entries(packages)
      .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
      .map(([path]) => join(ROOT, path))
    const { stdout } = await run('du', ['-scm', unpacked, ...needed])
    const sum = Number(/^(\d+)\s+total$/m.exec(stdout)?.[1])
    expect(sum).toBeGreaterThan(5)
    expect(sum).toBeLessThan(MOST_INSTALLED_MB)
  })
})
