import { existsSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { KNOWN_PROVIDERS, type KnownProvider } from './found/known-providers.ts'
import { EXIT_USAGE } from './program.ts'

export interface InitArguments {
  readonly provider?: string
  readonly model?: string
  readonly route?: string
  readonly auth?: boolean
  readonly force?: boolean
}

interface Answers {
  readonly provider: KnownProvider | undefined
  readonly model: string
  readonly route: string
  readonly isClosed: boolean
}

/** `mlflow-gateway init [file]`: a commented configuration, after a few questions; options answer them beforehand. */
export async function init(file: string, options: InitArguments): Promise<number> {
  if (existsSync(file) && !options.force) {
    process.stderr.write(`error: ${file} is there already; name another file, or add --force\n`)
    return EXIT_USAGE
  }
  const { provider } = options
  if (provider !== undefined && provider !== 'mock' && !find(provider)) {
    process.stderr.write(
      `error: --provider is none of ${NAMES.join(', ')}; write the file by hand for another\n`,
    )
    return EXIT_USAGE
  }
  writeFileSync(file, configOf(process.stdin.isTTY ? await askFor(options) : answersOf(options)))
  process.stderr.write(`${file} is written. Start it:\n\n  mlflow-gateway start --config-path ${file}\n\n`)
  return 0
}

const NAMES = [...KNOWN_PROVIDERS.map(({ provider }) => provider), 'mock']

function find(name: string): KnownProvider | undefined {
  return KNOWN_PROVIDERS.find(({ provider }) => provider === name)
}

/** The provider whose key is in the environment is the likeliest. */
function likely(): string {
  const found = KNOWN_PROVIDERS.find(({ variables }) => variables.some((name) => process.env[name]?.trim()))
  return found?.provider ?? 'mock'
}

function answersOf({ provider = likely(), model, route = 'chat', auth = false }: InitArguments): Answers {
  const known = find(provider)
  return { provider: known, model: model ?? known?.chat[0] ?? 'mock-chat', route, isClosed: auth }
}

async function askFor(options: InitArguments): Promise<Answers> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const ask = async (question: string, usual: string): Promise<string> =>
    (await terminal.question(`${question} [${usual}] `)).trim() || usual
  try {
    let provider = options.provider
    while (provider === undefined || !NAMES.includes(provider)) {
      provider = await ask(`Provider (${NAMES.join(', ')})?`, likely())
    }
    const usual = answersOf({ ...options, provider })
    const model = options.model ?? (await ask('Model?', usual.model))
    const route =
      options.route ?? (await ask("The route's name, which clients name as their model?", usual.route))
    const isClosed = options.auth ?? /^y/i.test(await ask('Must callers have a key of the gateway?', 'no'))
    return { provider: usual.provider, model, route, isClosed }
  } finally {
    terminal.close()
  }
}

function configOf({ provider, model, route, isClosed }: Answers): string {
  const config = provider
    ? `\n        # The key stays where it is: in the environment of the gateway.\n        ${provider.option}: $${provider.variables[0] ?? ''}`
    : ' {}'
  return `# For completion in editors: mlflow-gateway schema > config.schema.json, and as the first line
# yaml-language-server: $schema=./config.schema.json
#
# Edit it while the gateway runs: a change is live within two seconds, and a mistake keeps the last good one in use.

${isClosed ? '# Callers need a key: mlflow-gateway keys create "my application"\nauth: required\n' : '# Who may call: everybody on this machine. With this line, those with a key of the gateway:\n# auth: required\n'}
# Of the whole gateway; routes, keys, users and teams may have limits of their own.
# limits:
#   - { cost: 100, per: month }
#   - { requests: 600, per: minute, by: key }

routes:
  - name: ${JSON.stringify(route)}
    type: llm/v1/chat
    model:
      provider: ${provider?.provider ?? 'mock'}
      name: ${JSON.stringify(model)}
      config:${config}
    # When it fails, others may answer:
    # fallbacks: [{ route: another }]
    # retries: { max: 2 }
`
}
