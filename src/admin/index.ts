import { config } from './config.ts'
import { explain } from './explain.ts'
import type { Resource } from './resource.ts'
import { targets } from './targets.ts'

/** Every path of the control plane's API. */
export const resources: readonly Resource[] = [config, targets, explain]
