import { option, type OptionsSchema } from '../../core/options.ts'
import type { ProviderConfig } from '../../core/provider.ts'
import { textOption } from '../config-values.ts'

/** The keys of `model.config`. */
export const options: OptionsSchema = option.object({
  path: option.string({
    description:
      'The directory of the cassettes, read when the configuration is loaded. A relative path begins where the gateway was started.',
    minLength: 1,
  }),
  timing: option.optional(
    option.oneOf(['none', 'recorded'], {
      description: 'Whether answers take the time that they took (recorded), or come at once (none).',
      default: 'none',
    }),
  ),
  on_miss: option.optional(
    option.oneOf(['error', 'nearest'], {
      description:
        'What a request without a cassette gets: a 404 that says how the nearest one differs (error), or its answer (nearest).',
      default: 'error',
    }),
  ),
})

export interface ReplaySettings {
  readonly path: string
  readonly isTimed: boolean
  readonly takesNearest: boolean
}

export function readSettings(config: ProviderConfig): ReplaySettings {
  return {
    path: textOption(config, 'path') ?? '',
    isTimed: config['timing'] === 'recorded',
    takesNearest: config['on_miss'] === 'nearest',
  }
}
