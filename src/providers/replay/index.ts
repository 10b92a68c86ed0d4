import type { UpstreamFormat } from '../../core/dialect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ConfigIssue, ProviderDefinition } from '../../core/provider.ts'
import { ROUTE_TYPES } from '../../core/route.ts'
import { options } from './options.ts'
import { Replay } from './replay.ts'

/**
 * Recorded traffic in place of a provider: for tests of applications, offline. `formats` are all that cassettes may be
 * in; a target speaks those that its own are in.
 */
export function replayProvider(formats: readonly UpstreamFormat[]): ProviderDefinition {
  return {
    name: 'replay',
    routeTypes: ROUTE_TYPES,
    options,
    check: (config, model) => check({ config, model }, formats),
    create: (setup) => new Replay(setup, formats),
  }
}

/** Reads the cassettes once, so that a wrong directory is a mistake in the file. */
function check(
  setup: { config: JsonObject; model: string | null },
  formats: readonly UpstreamFormat[],
): ConfigIssue[] {
  const { path } = setup.config
  try {
    void new Replay(setup, formats).close()
    return []
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return [{ path: ['path'], message: `${JSON.stringify(path)} cannot be replayed: ${error.message}` }]
  }
}
