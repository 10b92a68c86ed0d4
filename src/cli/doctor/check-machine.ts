import { accessSync, constants, statSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Check } from './check.ts'

const LEAST: readonly [major: number, minor: number] = [20, 20]

/** Whether this Node.js runs the gateway. */
export function checkNode(version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])
  return {
    name: 'Node.js',
    state: isNew ? 'ok' : 'failed',
    seen: `this is version ${version}`,
    ...(!isNew && { fix: `install Node.js ${LEAST.join('.')} or newer` }),
  }
}

/** Whether the gateway could listen there, or does already. */
export async function checkPort(port: number, host: string): Promise<Check> {
  const name = `port ${port}`
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve('code' in error ? String(error.code) : 'unknown'))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
  if (code === undefined) return { name, state: 'ok', seen: `is free on ${host}` }
  if (code === 'EADDRINUSE' && (await isGateway(port, host))) {
    return { name, state: 'ok', seen: 'a gateway listens there' }
  }
  const fix =
    code === 'EADDRINUSE'
      ? 'stop what listens there, or start with another --port'
      : 'start with another --host or --port'
  return { name, state: 'failed', seen: `cannot be listened on (${code})`, fix }
}

async function isGateway(port: number, host: string): Promise<boolean> {
  for (const path of ['/health', '/admin/session']) {
    const response = await fetch(`http://${host}:${port}${path}`, {
      signal: AbortSignal.timeout(1000),
    }).catch(() => undefined)
    if (response?.headers.get('x-content-type-options') === 'nosniff') return true
  }
  return false
}

/** Whether the data directory can be kept to, and by whom it can be read. */
export function checkDirectory(path: string | undefined): Check {
  const name = 'data directory'
  if (path === undefined) {
    const fix = 'leave out --data-dir none, or set DATABASE_URL, if keys and usage are to outlive a restart'
    return { name, state: 'warning', seen: 'nothing is kept on disk', fix }
  }
  try {
    const { mode } = statSync(path)
    accessSync(path, constants.R_OK | constants.W_OK)
    if ((mode & 0o077) !== 0) {
      return { name, state: 'warning', seen: `${path} can be read by others`, fix: `chmod 700 ${path}` }
    }
    return { name, state: 'ok', seen: path }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === 'ENOENT') return { name, state: 'ok', seen: `${path} will be made` }
    return {
      name,
      state: 'failed',
      seen: `${path} cannot be used (${code})`,
      fix: 'give it to the user who runs the gateway',
    }
  }
}
