import { type IncomingMessage, request } from 'node:http'
import { AdminError } from '../admin/errors.ts'
import type { PlaygroundQuestion } from '../admin/resource.ts'
import { plainDigestOf } from '../auth/digest.ts'
import { newKey } from '../auth/new-key.ts'
import type { GatewayConfig } from '../config/schema.ts'
import { Secret } from '../core/secret.ts'

/** What its requests are recorded as. */
const NAME = 'playground'

/**
 * Requests of the dashboard to the gateway's own data plane: they take the way of every client's. Its key is made at each
 * start, known to the workers as one of the file's, and to nobody else.
 */
export class Playground {
  readonly #key = newKey().key
  readonly #host: string
  readonly #port: number
  /** Whether the workers know the key; where nobody has to have one, they do not. */
  #isKnown = false

  constructor({ host, port }: { host: string; port: number }) {
    this.#host = HERE[host] ?? host
    this.#port = port
  }

  /** The configuration as workers get it. */
  admitted(config: GatewayConfig): GatewayConfig {
    const { auth } = config
    this.#isKnown = auth?.mode === 'required'
    if (auth?.mode !== 'required') return config
    const own = {
      name: NAME,
      digest: new Secret(plainDigestOf(this.#key)),
      user: null,
      team: null,
      tags: {},
      routes: ['*'],
      limits: [],
      expiresAt: null,
      isEnabled: true,
      metadata: {},
    }
    return { ...config, auth: { ...auth, keys: [...auth.keys, own] } }
  }

  /** The head of the answer, with its body to come. Destroying it takes the request back. */
  ask({ path, body }: PlaygroundQuestion): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request({
        host: this.#host,
        port: this.#port,
        path,
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...(this.#isKnown && { authorization: `Bearer ${this.#key}` }),
        },
      })
      outgoing.on('response', resolve)
      outgoing.on('error', () => {
        reject(new AdminError('unavailable', 'No worker of the gateway takes requests now; try again.'))
      })
      outgoing.end(body)
    })
  }
}

/** A configuration in use as people see it: without the playground's own key. */
export function withoutPlayground(config: GatewayConfig): GatewayConfig {
  const { auth } = config
  if (auth?.mode !== 'required') return config
  return { ...config, auth: { ...auth, keys: auth.keys.filter(({ name }) => name !== NAME) } }
}

/** What listens everywhere is called here. */
const HERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
