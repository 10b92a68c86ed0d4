import { connect, createServer, type Server, type Socket } from 'node:net'
import { waitFor } from '../../support/wait.ts'
import { listen } from '../../support/listen.ts'
import { type FlowFaults, ProxyFlow } from './proxy-flow.ts'

/** What goes wrong between the gateway and a server. All but `connect` also holds for connections that are open. */
export interface ProxyFaults extends FlowFaults {
  /** New connections: `refuse` closes the port, `blackhole` takes them and hands nothing on. */
  readonly connect?: 'refuse' | 'blackhole'
  /** A connection ends when so many bytes of answers have passed on it. */
  readonly cut?: { readonly afterBytes: number; readonly how: Ending }
  /** Nothing passes any more, in either direction, and nobody is told. */
  readonly isHalfOpen?: boolean
  /** A kept connection ends just when its next request arrives on it. */
  readonly idleRace?: IdleRace
}

export type Ending = 'fin' | 'rst'

export interface IdleRace {
  readonly how: Ending
  /** The request still reaches the server, whose answer is lost. */
  readonly isDelivered?: boolean
}

interface Link {
  readonly client: Socket
  readonly server: Socket | undefined
  /** Bytes of answers so far. */
  answered: number
  /** The proxy has ended it: what still comes is dropped. */
  isOver: boolean
  /** The last bytes before a cut are on their way. */
  isCutting: boolean
  /** The server goes on although the client has gone. */
  keepsServer: boolean
}

/** Stands before a server on loopback and does to its connections what networks do. */
export class FaultProxy {
  readonly #target: number
  readonly #server: Server
  readonly #links = new Set<Link>()
  #faults: ProxyFaults = {}
  #port = 0
  /** Connections taken so far. */
  accepted = 0
  /** Connections that it ended in a race, and in a cut. */
  raced = 0
  cutOff = 0

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
  }

  /** Listens when it resolves. End it with `close`. */
  static async start(targetPort: number, faults: ProxyFaults = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort)
    proxy.#port = await listen(proxy.#server)
    await proxy.set(faults)
    return proxy
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Connections of clients that are open now. */
  get open(): number {
    return [...this.#links].filter(({ client }) => !client.destroyed).length
  }

  /** Replace all faults; none are left with `{}`. Resolves when they hold. */
  async set(faults: ProxyFaults): Promise<void> {
    const wasRefusing = this.#faults.connect === 'refuse'
    this.#faults = faults
    if (faults.connect === 'refuse' && !wasRefusing) {
      this.#server.close()
      await waitFor('the port to be closed', () => !this.#server.listening)
    } else if (faults.connect !== 'refuse' && wasRefusing) await listen(this.#server, this.#port)
  }

  /** End all connections that are open now. */
  endAll(how: Ending): void {
    for (const link of this.#links) endLink(link, how)
  }

  async close(): Promise<void> {
    this.#server.close()
    for (const { client, server } of this.#links) {
      client.destroy()
      server?.destroy()
    }
    await waitFor('the connections of the proxy to end', () => this.#links.size === 0)
  }

  #accept(client: Socket): void {
    this.accepted++
    const isForwarded = this.#faults.connect === undefined
    const server = isForwarded
      ? connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      : undefined
    const link: Link = { client, server, answered: 0, isOver: false, isCutting: false, keepsServer: false }
    this.#links.add(link)
    const forget = (): void => {
      if (client.destroyed && (server?.destroyed ?? true)) this.#links.delete(link)
    }
    client.on('error', () => undefined)
    client.once('close', () => {
      if (!this.#faults.isHalfOpen && !link.keepsServer) server?.destroy()
      forget()
    })
    server?.once('close', forget)
    if (server) return this.#join(link, server)
    client.resume()
    client.once('end', () => client.end())
  }

  #join(link: Link, server: Socket): void {
    const { client } = link
    const up = new ProxyFlow(client, server, () => this.#faults)
    const down = new ProxyFlow(server, client, () => this.#faults)
    const passes = (): boolean => !link.isOver && !this.#faults.isHalfOpen
    client.on('data', (bytes: Buffer) => {
      if (!passes()) return
      const { idleRace } = this.#faults
      if (idleRace && link.answered > 0) return this.#race(link, idleRace, () => up.push(bytes))
      up.push(bytes)
    })
    server.on('data', (bytes: Buffer) => {
      if (link.isOver) server.end()
      if (passes()) this.#answer(link, down, bytes)
    })
    client.on('end', () => passes() && up.finish(() => server.end()))
    server.on('end', () => passes() && down.finish(() => client.end()))
    server.on('error', () => undefined)
    server.once('close', (hadError: boolean) => {
      if (hadError && passes()) endLink(link, 'rst')
    })
  }

  #race(link: Link, { how, isDelivered = false }: IdleRace, deliver: () => void): void {
    this.raced++
    link.keepsServer = isDelivered
    if (isDelivered) deliver()
    endLink(link, how)
  }

  /** Hand on what still passes; the connection is ended behind it when its time has come. */
  #answer(link: Link, down: ProxyFlow, bytes: Buffer): void {
    const { cut } = this.#faults
    const passed = link.answered
    link.answered += bytes.length
    if (!cut || link.answered < cut.afterBytes) return down.push(bytes)
    if (link.isCutting) return
    link.isCutting = true
    this.cutOff++
    down.push(bytes.subarray(0, Math.max(cut.afterBytes - passed, 0)))
    down.finish(() => endLink(link, cut.how))
  }
}

function endLink(link: Link, how: Ending): void {
  if (link.isOver) return
  link.isOver = true
  if (how === 'rst') link.client.resetAndDestroy()
  else {
    // Who was told of the end may still write; nobody listens.
    link.client.end()
    link.client.resume()
  }
}
