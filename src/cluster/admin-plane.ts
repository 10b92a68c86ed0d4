import { Explainer } from '../admin/explainer.ts'
import { AdminListener, type AdminAddress } from '../admin/listener.ts'
import type { AboutAnswer } from '../admin/contract.ts'
import type { Principal } from '../admin/access.ts'
import { Sessions } from '../admin/sessions.ts'
import { principalOf } from '../admin/token-role.ts'
import type { AuthConfig } from '../auth/gate.ts'
import { KeySets } from '../auth/jwt/key-set.ts'
import { Tokens } from '../auth/jwt/tokens.ts'
import { buildRuntime } from '../config/build.ts'
import { withModules } from '../config/modules.ts'
import { nearest } from '../config/nearest.ts'
import { builtIn } from '../config/registry.ts'
import type { GatewayConfig, ServerConfig } from '../config/schema.ts'
import { GatewayError } from '../core/error.ts'
import type { Ledger, LimitRule } from '../core/limits.ts'
import { fromSnapshot, secretsOf } from '../config/snapshot.ts'
import { dialects } from '../dialects/index.ts'
import type { DryRuntime } from '../gateway/explain/answer-question.ts'
import { DryRegistry } from '../gateway/explain/dry-registry.ts'
import { packageVersion } from '../http/package-file.ts'
import { findAdminSecret } from './admin-secret.ts'
import type { BreakerRelay } from './breaker-relay.ts'
import { configDesk, type ConfigDeskSetup } from './config-desk.ts'
import type { Data } from './data.ts'
import { type DeskSetup, routeDesk, secretDesk } from './desks.ts'
import type { KeyDesk } from './key-desk.ts'
import type { Logger } from './log.ts'
import type { MetricsPlane } from './metrics-plane.ts'
import { type Playground, withoutPlayground } from './playground.ts'
import type { Reloader } from './reloader.ts'
import type { TestResult } from '../alerts/alerts.ts'
import type { TargetSurvey } from './target-survey.ts'

export interface AdminPlaneSetup {
  log: Logger
  reloader: Reloader
  breakers: BreakerRelay
  targets: TargetSurvey
  /** Of the data plane. */
  about: Pick<AboutAnswer, 'startedAt' | 'host' | 'port' | 'workers'>
  data: Data
  keys: KeyDesk
  standings: Ledger['standings']
  testAlerts(): Promise<TestResult[]>
  metrics: MetricsPlane
  areMetricsPublic(): boolean
  desks: DeskSetup
  file: Pick<ConfigDeskSetup, 'path' | 'texts'>
  playground: Playground
}

/** What people are told of it. */
export interface AdminPlace {
  readonly host: string
  readonly port: number
  /** Where its secret is kept, if nobody gave one. */
  readonly file: string | undefined
}

const NO_SECRET =
  'no admin API: nothing is kept on disk, and neither MLFLOW_GATEWAY_ADMIN_KEY nor server.admin_token is set'

/** The admin API of the primary: what it tells, and where it listens. */
export class AdminPlane {
  readonly #setup: AdminPlaneSetup
  readonly #explainer: Explainer
  readonly #listener: AdminListener
  readonly #keySets = new KeySets()
  #tokens: Tokens | undefined
  #place: AdminPlace | undefined

  constructor(setup: AdminPlaneSetup) {
    const { reloader, breakers, targets } = setup
    this.#setup = setup
    this.#explainer = new Explainer({
      build: () => this.#buildDry(),
      targets: () => targets.ask(),
      openBreakers: () => breakers.openMs(performance.now()),
      guess: nearest,
    })
    this.#listener = new AdminListener(
      {
        explain: (question) => this.#explainer.explain(question),
        targets: () => targets.ask(),
        config: () => reloader.status,
        about: () => ({
          ...setup.about,
          version: packageVersion(),
          node: process.version,
          auth: fromSnapshot(reloader.committed.snapshot).auth?.mode ?? 'none',
          database: setup.data.database.engine,
          secretsProblem: setup.desks.vault.problem ?? null,
        }),
        content: () => withoutPlayground(fromSnapshot(reloader.committed.snapshot)),
        rules: () => rulesOf(fromSnapshot(reloader.committed.snapshot)),
        standings: (claims) => setup.standings(claims),
        testAlerts: () => setup.testAlerts(),
        metrics: (accept) => setup.metrics.expose(accept),
        areMetricsPublic: () => setup.areMetricsPublic(),
        database: setup.data.database,
        changed: () => {
          setup.desks.changed()
          return setup.keys.look()
        },
        routes: routeDesk(setup.desks),
        secrets: secretDesk(setup.desks),
        file: configDesk({
          ...setup.file,
          source: setup.desks.source,
          secrets: () => secretsOf(reloader.committed.snapshot),
        }),
        ask: (question) => setup.playground.ask(question),
        sessions: new Sessions(),
      },
      (token) => this.#principalOf(token),
    )
  }

  /**
   * Be what a configuration wants: where it listens, if anywhere, and whose tokens it takes. Gives the reason when that
   * cannot be; then nothing has changed.
   */
  async use({ server, auth }: Pick<GatewayConfig, 'server' | 'auth'>): Promise<string | undefined> {
    const problem = await this.#listen(server)
    if (problem === undefined) this.#tokens = tokensOf(auth, this.#keySets)
    return problem
  }

  async #listen({ admin }: ServerConfig): Promise<string | undefined> {
    const { log, data } = this.#setup
    const { directory } = data
    const found = findAdminSecret({ configured: admin?.token, environment: process.env, directory })
    if (!found.ok) {
      if (found.problem !== undefined) return found.problem
      await this.#listener.use(undefined)
      this.#place = undefined
      log.info(NO_SECRET)
      return undefined
    }
    const { secret, file } = found
    const address: AdminAddress = {
      host: '127.0.0.1',
      ...admin,
      port: admin?.port ?? this.#setup.about.port + 1,
      secret,
    }
    const before = this.#listener.address
    const problem = await this.#listener.use(address)
    if (problem === undefined) this.#place = { host: address.host, port: address.port, file }
    // Nobody asked for it: a gateway that has no place for it serves models all the same.
    if (problem !== undefined && file !== undefined && !admin) {
      log.warn({ reason: problem }, 'no admin API')
      return undefined
    }
    if (problem === undefined && this.#listener.address !== before) {
      log.info({ host: address.host, port: address.port, secret: file }, 'admin API listening')
    }
    return problem
  }

  /** Where people find it: once it listens. */
  get place(): AdminPlace | undefined {
    return this.#place
  }

  /** Another configuration is in use. */
  forget(): void {
    this.#explainer.forget()
  }

  close(): Promise<void> {
    return this.#listener.close()
  }

  /** A token that is no good, or gives no role here, is nobody's. */
  async #principalOf(token: string): Promise<Principal | undefined> {
    try {
      const verified = await this.#tokens?.verify(token)
      return verified && principalOf(verified)
    } catch (error) {
      if (error instanceof GatewayError && error.kind === 'unauthorized') return undefined
      throw error
    }
  }

  /** The configuration in use as a runtime that cannot send, for those who ask what would become of a request. */
  async #buildDry(): Promise<DryRuntime> {
    const { generation, snapshot } = this.#setup.reloader.committed
    const config = fromSnapshot(snapshot)
    const dry = new DryRegistry(await withModules(builtIn, config))
    return { runtime: buildRuntime(config, generation, { registry: dry.registry }), dry, dialects }
  }
}

function tokensOf(auth: AuthConfig | undefined, keySets: KeySets): Tokens | undefined {
  const issuers = auth?.mode === 'required' ? auth.issuers : undefined
  return issuers && new Tokens(issuers, keySets)
}

function rulesOf({ limits = [], routes }: GatewayConfig): LimitRule[] {
  return [...limits, ...routes.flatMap((route) => route.limits ?? [])]
}
