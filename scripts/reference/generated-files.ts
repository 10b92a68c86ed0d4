import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configJsonSchema } from '../../src/config/json-schema.ts'
import { builtIn } from '../../src/config/registry.ts'
import { dialects } from '../../src/dialects/index.ts'
import { providers } from '../../src/providers/index.ts'
import { resources } from '../../src/admin/index.ts'
import { METRICS } from '../../src/telemetry/metrics.ts'
import { adminApiPage } from './admin-api-page.ts'
import { clientApisPage } from './client-apis-page.ts'
import { conformancePage } from './conformance-page.ts'
import { conformance } from './conformance.ts'
import { configurationPage } from './configuration-page.ts'
import { dashboard } from './dashboard.ts'
import { readExamples } from './example-files.ts'
import { metricsPage } from './metrics-page.ts'

export interface GeneratedFile {
  /** Below the root of the repository. */
  path: string
  text: string
}

const COMMAND = 'npm run docs'
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Every generated file of the documentation as it should be now. */
export function generatedFiles(): GeneratedFile[] {
  const examples = readExamples(`${ROOT}/examples`)
  const rows = conformance(providers)
  return [
    {
      path: 'docs/reference/configuration.md',
      text: configurationPage({ registry: builtIn, command: COMMAND, examples }),
    },
    // Exactly what `mlflow-gateway schema` prints, so without a remark that it is generated.
    {
      path: 'docs/reference/config.schema.json',
      text: `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    },
    { path: 'docs/reference/client-apis.md', text: clientApisPage(dialects, COMMAND) },
    { path: 'docs/reference/admin-api.md', text: adminApiPage(resources, COMMAND) },
    { path: 'docs/reference/metrics.md', text: metricsPage(Object.values(METRICS), COMMAND) },
    {
      path: 'deploy/grafana/mlflow-gateway.json',
      text: dashboard(Object.values(METRICS).map(({ name }) => name)),
    },
    { path: 'docs/reference/conformance.md', text: conformancePage(rows, COMMAND) },
    {
      path: 'docs/reference/conformance.json',
      text: `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`,
    },
  ]
}

/** The paths of those whose text in the repository is another. */
export function staleFiles(): string[] {
  return generatedFiles()
    .filter(({ path, text }) => readIfThere(absolutePath({ path })) !== text)
    .map(({ path }) => path)
}

/** Where a generated file lies on this machine. */
export function absolutePath({ path }: Pick<GeneratedFile, 'path'>): string {
  return `${ROOT}/${path}`
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
