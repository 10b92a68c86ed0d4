/**
 * A coding agent, unmodified, against routes of other providers: a plain answer of the mock, and a file that it reads
 * with a tool of its own, over each API of the foreign upstream. INTEROP_CLIENT chooses the agent.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { waitFor } from '../support/wait.ts'
import { FILE } from './foreign-upstream.ts'
import { startStage, type Stage } from './stage.ts'

/** How an agent is set up: `{url}` and `{route}` stand for the gateway's and the prompt is the last word. */
interface Agent {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Its files below the home folder. */
  readonly files?: Readonly<Record<string, string>>
  /** Where it asks. */
  readonly path: RegExp
}

const AGENTS: Readonly<Record<string, Agent>> = {
  claude: {
    command: ['claude', '--model', '{route}', '-p'],
    env: {
      ANTHROPIC_BASE_URL: '{url}',
      ANTHROPIC_API_KEY: 'any',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: '{route}',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    path: /^\/v1\/messages/,
  },
  codex: {
    // Its own sandbox does not start in every container; all that the upstream asks for is to print the file.
    command: ['codex', 'exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'],
    env: { GATEWAY_KEY: 'any' },
    files: {
      '.codex/config.toml': `
        model = "{route}"
        model_provider = "gateway"
        [model_providers.gateway]
        name = "Gateway"
        base_url = "{url}/v1"
        wire_api = "responses"
        env_key = "GATEWAY_KEY"
      `,
    },
    path: /^\/v1\/responses/,
  },
  gemini: {
    command: ['gemini', '-m', '{route}', '-p'],
    env: { GOOGLE_GEMINI_BASE_URL: '{url}', GEMINI_API_KEY: 'any', GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    files: { '.gemini/settings.json': '{ "security": { "auth": { "selectedType": "gemini-api-key" } } }' },
    path: /^\/v1beta\/models\//,
  },
}

const PLAIN = 'It works, says the gateway.'
const SECRET = 'The word is 東京-4711.'
const PLAIN_ROUTE = {
  name: 'plain',
  type: 'llm/v1/chat',
  model: { provider: 'mock', name: 'a-model', config: { reply: PLAIN } },
}

const name = process.env['INTEROP_CLIENT']?.split('@')[0] ?? ''
const commands = process.env['INTEROP_AGENTS'] ?? ''
const agent = agentOf(name)
const run = promisify(execFile)

let stage: Stage
let folder: string

before(async () => {
  stage = await startStage([PLAIN_ROUTE])
  folder = await mkdtemp(join(tmpdir(), 'interop-agent-'))
})

after(async () => {
  await stage.stop()
  await rm(folder, { recursive: true, force: true })
})

function agentOf(name: string): Agent {
  const agent = AGENTS[name]
  if (!agent) throw new Error(`INTEROP_CLIENT names no agent: "${name}"`)
  return agent
}

void test('prints what the simulator says', async () => {
  const printed = await ask('plain', 'Say that it works')
  assert.ok(printed.includes(PLAIN), printed)
  await checkRequests('plain', 1)
})

for (const route of ['openai', 'anthropic', 'gemini', 'bedrock']) {
  void test(`reads a file with its own tool, over ${route}`, async () => {
    const printed = await ask(route, `What does ${FILE} say?`)
    assert.match(printed, /The file says: /)
    assert.ok(printed.includes(SECRET), printed)
    await checkRequests(route, 2)
  })
}

/** What the agent prints, in a home and a folder of its own. */
async function ask(route: string, prompt: string): Promise<string> {
  const fill = (text: string): string =>
    text.replaceAll('{url}', stage.gateway.url).replaceAll('{route}', route)
  const home = join(folder, route)
  const work = join(home, 'work')
  for (const [path, text] of Object.entries({ ...agent.files, [`work/${FILE}`]: SECRET })) {
    await mkdir(dirname(join(home, path)), { recursive: true })
    await writeFile(join(home, path), fill(text))
  }
  const [command = '', ...words] = agent.command.map(fill)
  const own = Object.fromEntries(Object.entries(agent.env).map(([key, text]) => [key, fill(text)]))
  const env = { PATH: process.env['PATH'], HOME: home, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', ...own }
  const running = run(join(commands, command), [...words, prompt], { cwd: work, env, timeout: 60_000 })
  // Some read what is piped to them before they begin.
  running.child.stdin?.end()
  return (await running).stdout
}

/** The gateway's log has this many requests of the agent at least, and none that failed. */
async function checkRequests(route: string, least: number): Promise<void> {
  const requests = await waitFor(`${least} requests in the log`, () => {
    const lines = stage.gateway.log().filter((line) => line['route'] === route)
    return lines.length >= least && lines
  })
  for (const { path, status } of requests) {
    assert.match(String(path), agent.path)
    assert.equal(status, 200)
  }
}
