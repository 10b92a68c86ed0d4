import { PassThrough, type Readable } from 'node:stream'

/**
 * A client's body as a stream of its own, with `head` in front. An upload that breaks off must break off at the provider
 * too: it must never look complete there. A provider that wants no more of it ends only this stream, never the client's
 * connection, on which the answer is still to come; the rest is then read for nobody.
 */
export function sendOn(source: Readable, head?: Buffer): PassThrough {
  const body = new PassThrough()
  if (head) body.write(head)
  // Whoever sends the body learns of it; until somebody does, nobody else must fall over it.
  body.on('error', () => undefined)
  body.once('close', () => {
    source.unpipe(body)
    source.resume()
  })
  source.once('error', (error) => body.destroy(error))
  source.once('close', () => {
    if (!source.readableEnded) body.destroy(new Error('the client left during its upload'))
  })
  source.pipe(body)
  return body
}
