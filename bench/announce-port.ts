import type { Server } from 'node:http'

/** Listens on loopback, tells the parent the port as `{port}`, and ends this process when the parent is gone. */
export function announcePort(server: Server, port: number): void {
  server.listen(port, '127.0.0.1', 4096, () => {
    const address = server.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    if (process.send === undefined) console.log(`listening on http://127.0.0.1:${bound}`)
    else process.send({ port: bound })
  })
  endWithParent()
}

/** A child of the bench never outlives it, however the bench ends. */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit(0))
}
