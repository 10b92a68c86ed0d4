import type { FastifyInstance } from 'fastify'
import type { Secret } from '../core/secret.ts'
import { Gate, type TokenCheck } from './gate.ts'
import type { ControlPlane } from './resource.ts'
import { createAdminServer } from './server.ts'

/** Where the API listens, and for whom. */
export interface AdminAddress {
  readonly host: string
  readonly port: number
  readonly secret: Secret
}

interface Listening {
  readonly address: AdminAddress
  readonly gate: Gate
  readonly server: FastifyInstance
}

/** Keeps the control plane's server where the configuration says. */
export class AdminListener {
  readonly #plane: ControlPlane
  readonly #verify: TokenCheck | undefined
  #current: Listening | undefined

  /** `verify` knows the tokens of identity providers; without it the secret is the only credential. */
  constructor(plane: ControlPlane, verify?: TokenCheck) {
    this.#plane = plane
    this.#verify = verify
  }

  /** Where it listens now; the same object for as long as it stays there. */
  get address(): AdminAddress | undefined {
    return this.#current?.address
  }

  /**
   * Listen there, or nowhere. Gives the reason when it cannot; then it stays where it was. A new secret counts at once
   * either way.
   */
  async use(address: AdminAddress | undefined): Promise<string | undefined> {
    const before = this.#current
    if (!address) {
      await this.close()
      return undefined
    }
    before?.gate.changeSecret(address.secret)
    if (before?.address.host === address.host && before.address.port === address.port) return undefined
    const { host, port } = address
    const gate = new Gate({
      ...address,
      sessions: this.#plane.sessions,
      ...(this.#verify && { verify: this.#verify }),
    })
    const server = createAdminServer(this.#plane, gate)
    try {
      await server.listen({ host, port })
    } catch (error) {
      await server.close()
      return explainFailure(error, address)
    }
    this.#current = { address, gate, server }
    await before?.server.close()
    return undefined
  }

  async close(): Promise<void> {
    const before = this.#current
    this.#current = undefined
    await before?.server.close()
  }
}

function explainFailure(error: unknown, { host, port }: AdminAddress): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'EADDRINUSE':
      return `the port ${port} on ${host} for the admin API is in use; set server.admin_port to another`
    case 'EACCES':
      return `listening on port ${port} for the admin API is not allowed for this user; set server.admin_port to one above 1023`
    case 'ERR_SOCKET_BAD_PORT':
      return `there is no port ${port} for the admin API; set server.admin_port`
    default:
      return `the admin API cannot listen on "${host}" (${code}); set server.admin_host to an address of this machine`
  }
}
