import type { Resource } from './resource.ts'

/** Which configuration is in use. */
export const config: Resource = {
  method: 'GET',
  path: '/admin/config',
  answer: (plane) => plane.config(),
}
