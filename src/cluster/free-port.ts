import { createServer } from 'node:net'

/**
 * A port that is free now. Chosen once for all workers: each would get another from port 0, also the one that takes a
 * dead worker's place. Rejects with Node's error when the host is no address of this machine.
 */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
