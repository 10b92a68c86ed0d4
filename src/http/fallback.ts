import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RouteCatalog } from '../core/dialect.ts'
import { writeJson } from './write-json.ts'

/** A path that the server answers. `:route` in it stands for a route's name. */
export interface KnownPath {
  method: string
  path: string
  /** Whether the path exists only for routes that do. */
  needsRoute?: boolean
}

/** Answers what no handler took, as FastAPI does: 405 for a known path, 307 for a slash too many or too few, else 404. */
export class Fallback {
  readonly #paths: { method: string; pattern: RegExp; needsRoute: boolean | undefined }[]

  constructor(paths: readonly KnownPath[]) {
    this.#paths = paths.map(({ method, path, needsRoute }) => ({
      method,
      pattern: toPattern(path),
      needsRoute,
    }))
  }

  answer(request: IncomingMessage, response: ServerResponse, routes: RouteCatalog): void {
    const { path, query } = splitUrl(request.url ?? '/')
    const allowed = this.#methods(path, routes)
    if (allowed.length > 0) {
      const headers = ['allow', allowed.join(', ')]
      writeJson(response, { status: 405, headers, body: '{"detail":"Method Not Allowed"}' })
      return
    }
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
    if (path !== '/' && this.#methods(other, routes).length > 0) {
      redirect(request, response, other + query)
      return
    }
    writeJson(response, { status: 404, body: '{"detail":"Not Found"}' })
  }

  #methods(path: string, routes: RouteCatalog): string[] {
    const methods = new Set<string>()
    for (const { method, pattern, needsRoute } of this.#paths) {
      const match = pattern.exec(path)
      if (match && (!needsRoute || routes.find(decode(match[1] ?? '')))) methods.add(method)
    }
    return [...methods]
  }
}

/** The query keeps its question mark; it is empty when there is none. */
function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?')
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark) }
}

function toPattern(path: string): RegExp {
  const escaped = path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  const named = escaped.replace(':route::', '([^/:]+):').replace(':route', '([^/]+)')
  return new RegExp(`^${named.replace(String.raw`\*`, '.*')}$`)
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** 307 keeps method and body: clients repeat a POST as it was. */
function redirect(request: IncomingMessage, response: ServerResponse, target: string): void {
  const { host, 'x-forwarded-proto': proto } = request.headers
  const origin = host ? `${proto === 'https' ? 'https' : 'http'}://${host}` : ''
  response.writeHead(307, { location: origin + target, 'content-length': 0 })
  response.end()
}
