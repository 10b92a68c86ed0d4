import { buildRuntime } from '../../src/config/build.ts'
import { printIssue } from '../../src/config/issue.ts'
import { parseConfig } from '../../src/config/load.ts'
import { builtIn } from '../../src/config/registry.ts'
import { dialects } from '../../src/dialects/index.ts'
import type { DryRuntime } from '../../src/gateway/explain/answer-question.ts'
import { DryRegistry } from '../../src/gateway/explain/dry-registry.ts'

/** The routes of this file, built so that they cannot send. */
export function dryRuntime(text: string): DryRuntime {
  const loaded = parseConfig(text, { file: 'gateway.yaml', env: {} })
  if (!loaded.ok) throw new Error(loaded.issues.map(printIssue).join('\n'))
  const dry = new DryRegistry(builtIn)
  return { runtime: buildRuntime(loaded.config, 1, { registry: dry.registry }), dry, dialects }
}
