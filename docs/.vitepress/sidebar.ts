import { readdirSync, readFileSync } from 'node:fs'
import { PROJECT_PAGES } from './project-pages.ts'
import { REPOSITORY } from './repository.ts'

interface Group {
  readonly text: string
  readonly collapsed: boolean
  items: { text: string; link: string }[]
}

/** Every page of the site, in the order in which one reads them. */
export const sidebar: Group[] = [
  group('Start', [
    'guide/quickstart',
    'guide/concepts',
    'guide/getting-started',
    'guide/first-hour',
    'guide/dashboard',
  ]),
  group('Set up', [
    'guide/configuration',
    'guide/command-line',
    'guide/providers',
    'guide/mock-provider',
    'guide/secrets',
    'guide/translation',
    'guide/raw-and-uploads',
  ]),
  group('Clients', [
    'guide/clients/README',
    'guide/clients/openai-sdk',
    'guide/clients/anthropic-sdk',
    'guide/clients/gemini-sdk',
    'guide/clients/cohere-sdk',
    'guide/clients/vercel-ai-sdk',
    'guide/clients/langchain',
    'guide/clients/claude-code',
    'guide/clients/codex',
    'guide/clients/gemini-cli',
    'guide/client',
  ]),
  group('Bad days', [
    'guide/resilience',
    'guide/targets',
    'guide/fallbacks-and-retries',
    'guide/circuit-breaker',
    'guide/timeouts',
    'guide/affinity',
    'guide/hedging',
    'guide/caching',
    'guide/overload',
    'guide/mirroring',
    'guide/explain',
    'guide/record-and-replay',
  ]),
  group('Govern', [
    'guide/keys',
    'guide/sso',
    'guide/limits-and-budgets',
    'guide/usage-and-cost',
    'guide/admin-api',
    'project/security',
  ]),
  group('Operate', [
    'guide/operations',
    'guide/docker',
    'guide/kubernetes',
    'guide/systemd',
    'guide/monitoring',
    'guide/storage',
    'guide/sizing',
    'guide/many-nodes',
    'guide/upgrades',
    'guide/backup',
  ]),
  group('Come from', [
    'guide/importing',
    'guide/migrating-from-mlflow',
    'guide/migrating-from-litellm',
    'guide/migrating-from-portkey',
    'guide/migrating-from-bifrost',
  ]),
  group('Reference', [
    'reference/configuration',
    'reference/cli',
    'reference/http-api',
    'reference/client-apis',
    'reference/admin-api',
    'reference/metrics',
    'reference/prices',
  ]),
  group('Reports', ['reference/conformance', 'reference/resilience', 'reference/performance']),
  group('Project', ['project/examples', 'project/changelog', 'project/contributing', 'project/architecture']),
  { ...group('Decisions', pagesIn('decisions')), collapsed: true },
]

function group(text: string, pages: readonly string[]): Group {
  return { text, collapsed: false, items: pages.map((page) => ({ text: titleOf(page), link: `/${page}` })) }
}

function pagesIn(folder: string): string[] {
  const files = readdirSync(`${REPOSITORY}docs/${folder}`)
  return files.map((file) => `${folder}/${file.replace(/\.md$/, '')}`)
}

function titleOf(page: string): string {
  const project = PROJECT_PAGES.find((one) => `project/${one.page}` === page)
  const text = readFileSync(`${REPOSITORY}${project?.file ?? `docs/${page}.md`}`, 'utf8')
  return /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? page
}
