import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { listen } from './listen.ts'

/** Somebody who takes alerts, and answers as it is told to. */
export class WebhookReceiver {
  readonly got: { headers: IncomingHttpHeaders; body: string }[] = []
  url = ''
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
    receiver.url = `http://127.0.0.1:${await listen(receiver.#server)}/hooks/canary-token-of-the-url`
    return receiver
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
