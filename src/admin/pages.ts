import type { IncomingMessage, ServerResponse } from 'node:http'
import { packageVersion } from '../http/package-file.ts'
import { PAGE_HEADERS, readPageFiles } from '../http/page-files.ts'
import { sendStatic, staticContent, type StaticContent } from '../http/static-content.ts'
import { adminOpenApi } from './openapi.ts'
import type { Resource } from './resource.ts'

/**
 * What is open to everybody who can reach the server: the page that describes the API, which is the same in every
 * gateway, and has to be there before anybody can prove who they are. Found by the whole path as it was sent.
 */
export class OpenPages {
  readonly #pages: ReadonlyMap<string, StaticContent>

  constructor(resources: readonly Resource[]) {
    const document = JSON.stringify(adminOpenApi(resources, packageVersion()))
    this.#pages = new Map([
      ['/admin/openapi.json', staticContent('application/json', Buffer.from(document))],
      ...Array.from(
        readPageFiles('assets/admin-docs'),
        ([file, content]) =>
          [file === 'index.html' ? '/admin/docs' : `/admin/docs/${file}`, content] as const,
      ),
      // What both pages look like.
      ...Array.from(
        readPageFiles('assets/docs'),
        ([file, content]) => [`/admin/docs/${file}`, content] as const,
      ).filter(([path]) => SHARED.has(path)),
    ])
  }

  get paths(): string[] {
    return [...this.#pages.keys()]
  }

  /** Whether it was one of them that was asked for. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const content = request.method === 'GET' ? this.#pages.get(request.url ?? '') : undefined
    if (!content) return false
    sendStatic(request, response, { content, headers: PAGE_HEADERS })
    return true
  }
}

const SHARED: ReadonlySet<string> = new Set([
  '/admin/docs/theme.css',
  '/admin/docs/dom.js',
  '/admin/docs/icon.svg',
])
