import { EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici'

/** The longest that a configuration may allow; the wait of each request is its own. */
const CONNECT_TIMEOUT_MS = 30_000
/** Shorter than the keep-alive of any provider seen, so that we close an idle socket before they do. */
const KEEP_ALIVE_MS = 4_000
const KEEP_ALIVE_MAX_MS = 25_000
/** A provider that has begun to answer may be silent for this long. */
const IDLE_TIMEOUT_MS = 60_000

/** There are as many sockets as requests: what bounds those is the `concurrency` policy, which also queues fairly. */
const OPTIONS = {
  connect: { timeout: CONNECT_TIMEOUT_MS },
  keepAliveTimeout: KEEP_ALIVE_MS,
  keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
  bodyTimeout: IDLE_TIMEOUT_MS,
  // The wait for the first byte is the timeout policy's.
  headersTimeout: 0,
} as const

interface SharedPool {
  dispatcher: Dispatcher
  users: number
  connections: number
}

const pools = new Map<string, SharedPool>()

export interface PoolLease {
  readonly dispatcher: Dispatcher
  /** How many were made so far: a request that began without a new one has one that was kept. */
  readonly connections: number
  /** For one request, over a connection that nobody has used; to be closed by who asked for it. */
  fresh(): Dispatcher
  /** Give the pool back; the last one to do so closes it once its requests are done. */
  release(): Promise<void>
}

/**
 * Connections to one origin for one credential. A reload that keeps a target keeps its warm connections; two
 * credentials never share a socket.
 */
export function leasePool(origin: string, credential: string): PoolLease {
  const key = `${origin} ${credential}`
  const shared = pools.get(key) ?? open(origin)
  pools.set(key, shared)
  shared.users++
  let isHeld = true
  return {
    dispatcher: shared.dispatcher,
    get connections(): number {
      return shared.connections
    },
    fresh: () => connect(origin, { ...OPTIONS, connections: 1 }),
    async release(): Promise<void> {
      if (!isHeld) return
      isHeld = false
      if (--shared.users > 0) return
      pools.delete(key)
      await shared.dispatcher.close()
    },
  }
}

function open(origin: string): SharedPool {
  const shared = { dispatcher: connect(origin), users: 0, connections: 0 }
  shared.dispatcher.on('connect', () => shared.connections++)
  return shared
}

/** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are honoured, as every user behind a corporate proxy expects. */
function connect(origin: string, options: Pool.Options = OPTIONS): Dispatcher {
  const { env } = process
  const proxied = env['HTTPS_PROXY'] ?? env['https_proxy'] ?? env['HTTP_PROXY'] ?? env['http_proxy']
  return proxied ? new EnvHttpProxyAgent(options) : new Pool(origin, options)
}
