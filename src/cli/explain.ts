import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { buildRuntime } from '../config/build.ts'
import { printIssue } from '../config/issue.ts'
import { loadConfig } from '../config/load.ts'
import { withModules } from '../config/modules.ts'
import { listed, nearest } from '../config/nearest.ts'
import { builtIn } from '../config/registry.ts'
import { NO_STORE, NOT_READ, resolveSecret } from '../config/secrets.ts'
import { GatewayError } from '../core/error.ts'
import type { Secret } from '../core/secret.ts'
import { dialects } from '../dialects/index.ts'
import { answerQuestion } from '../gateway/explain/answer-question.ts'
import { DryRegistry } from '../gateway/explain/dry-registry.ts'
import { printExplanation } from '../gateway/explain/print-explanation.ts'
import type { Question } from '../gateway/explain/read-question.ts'
import { EXIT_USAGE } from './program.ts'

export interface ExplainArguments {
  configPath?: string
  route: string
  /** A file, or `-`. */
  request: string
  dialect?: string
  header: readonly string[]
  key?: string
  json?: boolean
}

/** `mlflow-gateway explain`: what would become of a request, from the file alone. Exit code 2 for a wrong call. */
export async function explainRequest(options: ExplainArguments): Promise<number> {
  try {
    const explanation = await answer(options)
    process.stdout.write(explanation)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof GatewayError)) throw error
    process.stderr.write(`${error instanceof UsageError ? error.message : `error: ${error.message}`}\n`)
    return EXIT_USAGE
  }
}

/** Says what is wrong with the call of the command. */
class UsageError extends Error {}

async function answer({ configPath, route, json = false, ...given }: ExplainArguments): Promise<string> {
  const file = configPath ?? process.env['MLFLOW_GATEWAY_CONFIG']
  if (!file) {
    throw new UsageError(
      "error: option '-c, --config-path <file>' is missing, and MLFLOW_GATEWAY_CONFIG is not set; name a YAML file",
    )
  }
  const loaded = await loadConfig(file, { stored: NOT_READ })
  if (!loaded.ok) throw new UsageError(loaded.issues.map(printIssue).join('\n'))
  const { config } = loaded
  const known = config.routes.map(({ name }) => name)
  if (!known.includes(route)) {
    const guess = nearest(route, known)
    const help = guess ? `did you mean "${guess}"?` : `its routes are ${listed(known)}`
    throw new UsageError(`error: ${file} has no route ${JSON.stringify(route)}; ${help}`)
  }
  const question = await readQuestion(given)
  const dry = new DryRegistry(await withModules(builtIn, config))
  const runtime = buildRuntime(config, 1, { registry: dry.registry })
  try {
    const explanation = await answerQuestion({ runtime, dry, dialects }, { ...question, route })
    return json ? `${JSON.stringify(explanation, null, 2)}\n` : printExplanation(explanation)
  } finally {
    await runtime.retire()
  }
}

async function readQuestion({
  request,
  dialect,
  header,
  key,
}: Pick<ExplainArguments, 'request' | 'dialect' | 'header' | 'key'>): Promise<Question> {
  return {
    body: await readRequest(request),
    headers: Object.fromEntries(header.map(readHeader)),
    ...(dialect !== undefined && { dialect }),
    ...(key !== undefined && { key: readKey(key) }),
  }
}

async function readRequest(file: string): Promise<Buffer> {
  const body = file === '-' ? Buffer.from(await text(process.stdin)) : await readBytes(file)
  const value = parse(body, file)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return body
  throw new UsageError(`error: ${file} must hold a JSON object: the body of a request`)
}

function parse(body: Buffer, file: string): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    // The parser's message quotes the text.
    throw new UsageError(`error: ${file} is not valid JSON`)
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new UsageError(`error: ${file} cannot be read (${code}); name the file with the body of a request`)
  }
}

function readHeader(line: string): [name: string, value: string] {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
  if (name !== undefined && value !== undefined) return [name, value]
  throw new UsageError("error: a --header is no header; write it as in --header 'x-tier: free'")
}

function readKey(key: string): Secret {
  const found = resolveSecret(key, { env: process.env, stored: NO_STORE })
  if (found.ok) return found.secret
  throw new UsageError(`error: --key ${found.message}`)
}
