import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CurrentRuntime } from '../gateway/runtime.ts'

interface DocsRoute {
  path: string
  handler(request: IncomingMessage, response: ServerResponse): void
}

/** placeholder until the page is there */
export function docsRoutes(_setup: { runtime: CurrentRuntime }): DocsRoute[] {
  return []
}
