import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody who takes alerts, and answers as it is told to. */
export class WebhookReceiver {
  readonly got: { headers: IncomingHttpHeaders; body: string }[] = []
  /** `count`: of the alerts so far, this one included. */
  answer: (response: ServerResponse, count: number) => void = (response) => response.end()
  readonly #server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += String(chunk)))
    request.on('end', () => {
      this.got.push({ headers: request.headers, body })
      this.answer(response, this.got.length)
    })
  })

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    const address: AddressInfo | string | null = this.#server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    return `http://127.0.0.1:${port}/hooks/canary-token-of-the-url`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
