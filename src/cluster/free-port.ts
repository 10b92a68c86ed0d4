import { createServer, type Server } from 'node:net'

/** So often another port is tried whose neighbour is in use. */
const TRIES = 20

/**
 * A port that is free now, and the one above it, for the admin API. Chosen once for all workers: each would get another
 * from port 0, also the one that takes a dead worker's place. Rejects with Node's error when the host is no address of
 * this machine.
 */
export async function freePort(host: string): Promise<number> {
  let port = 0
  for (let tried = 0; tried < TRIES; tried++) {
    const server = await listen(host, 0)
    const address = server.address()
    port = typeof address === 'object' && address ? address.port : 0
    const neighbour = await listen('127.0.0.1', port + 1).catch(() => undefined)
    await Promise.all([close(server), neighbour && close(neighbour)])
    if (neighbour) return port
  }
  return port
}

function listen(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
