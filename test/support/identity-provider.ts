import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'

interface SigningKey {
  readonly kid: string
  readonly private: CryptoKey
  readonly public: JWK
}

export interface TokenOptions {
  readonly audience?: string | string[]
  readonly issuer?: string
  readonly expiresIn?: string
  readonly notBefore?: string
  /** In place of the newest. */
  readonly key?: SigningKey
}

/** An identity provider with keys of its own, on a port of its own. */
export class IdentityProvider {
  /** Paths that were asked for. */
  readonly asked: string[] = []
  keys: SigningKey[] = []
  isDown = false
  readonly #server: Server
  readonly url: string

  private constructor(server: Server) {
    this.#server = server
    const address: AddressInfo | string | null = server.address()
    this.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  }

  static async start(): Promise<IdentityProvider> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const provider = new IdentityProvider(server)
    server.on('request', (request, response) => {
      provider.asked.push(request.url ?? '')
      if (provider.isDown) response.writeHead(503).end('{}')
      else response.end(JSON.stringify(provider.#answer(request.url)))
    })
    await provider.rotate()
    return provider
  }

  /** From now on it signs with another key, and the old ones stay good. */
  async rotate(): Promise<void> {
    const pair = await generateKeyPair('ES256', { extractable: true })
    const kid = `key-${this.keys.length + 1}`
    const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' }
    this.keys.push({ kid, private: pair.privateKey, public: jwk })
  }

  sign(claims: Record<string, unknown>, options: TokenOptions = {}): Promise<string> {
    const {
      audience = 'gateway',
      issuer = this.url,
      expiresIn = '5m',
      notBefore,
      key = this.keys.at(-1),
    } = options
    if (!key) throw new Error('no key')
    const token = new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: key.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(expiresIn)
    if (notBefore !== undefined) token.setNotBefore(notBefore)
    return token.sign(key.private)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(path: string | undefined): unknown {
    if (path === '/.well-known/openid-configuration')
      return { issuer: this.url, jwks_uri: `${this.url}/keys` }
    return { keys: this.keys.map((key) => key.public) }
  }
}
