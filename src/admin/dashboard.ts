import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { packagePath } from '../http/package-file.ts'
import { readPageFiles } from '../http/page-files.ts'
import { compressed, sendStatic, type StaticContent } from '../http/static-content.ts'

const FOLDER = 'dist/dashboard'

/** The pages, whose paths all are answered with the same file: which of them it is, it finds out itself. */
const PAGE =
  /^\/(?:(?:routes|playground|requests|usage|keys|people|budgets|config|setup)(?:\/[\w.~%-]+)?)?(?:\?.*)?$/

/** Nothing from elsewhere, no script or style that is not a file of ours, and in no frame. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
}

/** Their names tell their contents, so that a copy is good for ever. */
const FOR_EVER = { ...HEADERS, 'cache-control': 'public, max-age=31536000, immutable' }

/** The dashboard: files that are the same for everybody. What they show, they ask the API for. */
export class Dashboard {
  readonly #files: ReadonlyMap<string, StaticContent>

  constructor() {
    // Absent where only the gateway itself was built.
    const files = existsSync(packagePath(FOLDER)) ? readPageFiles(FOLDER) : new Map<string, StaticContent>()
    this.#files = new Map(Array.from(files, ([name, content]) => [`/${name}`, compressed(content)]))
  }

  /** Whether it was one of them that was asked for. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? ''
    if (request.method !== 'GET') return false
    const page = PAGE.test(url) ? this.#files.get('/index.html') : undefined
    const content = page ?? this.#files.get(url)
    if (!content) return false
    sendStatic(request, response, { content, headers: url.startsWith('/assets/') ? FOR_EVER : HEADERS })
    return true
  }
}
