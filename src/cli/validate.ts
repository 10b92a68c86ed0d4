import { printIssue } from '../config/issue.ts'
import { loadConfig } from '../config/load.ts'
import { NOT_READ } from '../config/secrets.ts'
import { EXIT_USAGE } from './program.ts'

/** `mlflow-gateway validate`: one line per mistake on stderr, exit code 2; or what the file serves, and 0. */
export async function validate(file: string): Promise<number> {
  const loaded = await loadConfig(file, { stored: NOT_READ })
  if (!loaded.ok) {
    process.stderr.write(loaded.issues.map((issue) => `${printIssue(issue)}\n`).join(''))
    return EXIT_USAGE
  }
  const { routes } = loaded.config
  process.stdout.write(`${file}: valid, ${routes.length} ${routes.length === 1 ? 'route' : 'routes'}\n`)
  for (const { name, type, targets } of routes) {
    process.stdout.write(`  ${name}  ${type}  ${targets.map((target) => target.name).join(', ')}\n`)
  }
  return 0
}
