import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { parseConfig } from '../../src/config/load.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

interface Service {
  readonly volumes?: readonly string[]
  readonly image?: string
  readonly ports?: readonly string[]
}

const DOCKER = 'deploy/docker'
const composeFiles = readdirSync(join(ROOT, DOCKER)).filter((name) => name.startsWith('compose'))

describe.each(composeFiles)('%s', (file) => {
  const { services }: { services: Record<string, Service> } = parse(read(`${DOCKER}/${file}`), {
    merge: true,
  })

  it('mounts only files that there are', () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.map((one) => one.replace(/\$\{\w+:-(.*?)\}/, '$1')),
    )
    const paths = mounted.flatMap((one) => (one.startsWith('.') ? [one.split(':')[0] ?? ''] : []))
    for (const path of paths) expect(() => readdirOrFile(join(DOCKER, path))).not.toThrow()
  })

  it('publishes nothing beyond this machine, and names a version of each image', () => {
    const ports = Object.values(services).flatMap(({ ports: list = [] }) => list)
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
    const images = Object.values(services).flatMap(({ image }) => image ?? [])
    expect(images.filter((image) => image !== 'mlflow-gateway' && !/:v?\d/.test(image))).toEqual([])
  })
})

test.each(readdirSync(join(ROOT, DOCKER)).filter((name) => name.startsWith('gateway')))(
  '%s is a configuration that the gateway takes, and that asks for a key',
  (file) => {
    const loaded = parseConfig(read(`${DOCKER}/${file}`), { file, env: {} })
    expect(loaded.ok ? loaded.config.auth?.mode : loaded.issues).toBe('required')
  },
)

describe('the Dockerfile', () => {
  const text = read(`${DOCKER}/Dockerfile`)

  it('copies only what the repository or its build has', () => {
    const copied = [...text.matchAll(/^COPY (?:--from=build \/app\/)?(\S+) /gm)].map(([, path = '']) => path)
    const built = new Set(['.', 'node_modules', 'dist'])
    for (const path of copied) if (!built.has(path)) expect(() => readdirOrFile(path)).not.toThrow()
    expect(copied).toEqual(expect.arrayContaining(['dist', 'assets', 'examples', 'package.json']))
  })

  it('runs as nobody in particular, and gets signals itself', () => {
    expect(text).toMatch(/^USER \d+:\d+$/m)
    expect(text).toMatch(/^ENTRYPOINT \["node", /m)
    expect(text).not.toMatch(/curl|wget/)
  })

  it('does not take into the build what is not built from', () => {
    expect(read('.dockerignore').split('\n')).toEqual(
      expect.arrayContaining(['.git', 'node_modules', 'dist']),
    )
  })
})

test.each(readdirSync(join(ROOT, '.github/workflows')))(
  'the workflow %s gives no more rights than it needs',
  (file) => {
    const workflow: { permissions: unknown; jobs: Record<string, { steps: { uses?: string }[] }> } = parse(
      read(`.github/workflows/${file}`),
    )
    expect([{}, { contents: 'read' }]).toContainEqual(workflow.permissions)
    const uses = Object.values(workflow.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ uses: name }) => name ?? []),
    )
    expect(uses.filter((name) => !/@v\d+$/.test(name))).toEqual([])
  },
)

test('the unit for systemd names the command, and leaves time to drain', () => {
  const unit = read('deploy/systemd/mlflow-gateway.service')
  expect(unit).toMatch(/^ExecStart=.*mlflow-gateway start /m)
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(30)
  expect(unit).toMatch(/^NoNewPrivileges=yes$/m)
})

/** Fails when there is neither. */
function readdirOrFile(path: string): void {
  try {
    readFileSync(join(ROOT, path))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EISDIR')) throw error
    readdirSync(join(ROOT, path))
  }
}
