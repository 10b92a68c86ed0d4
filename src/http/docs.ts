import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import type { CurrentRuntime, Runtime } from '../gateway/runtime.ts'
import { openApiDocument } from './openapi/document.ts'
import { packagePath, packageVersion } from './package-file.ts'
import { sendStatic, staticContent, type StaticContent } from './static-content.ts'

interface DocsRoute {
  path: string
  handler: (request: IncomingMessage, response: ServerResponse) => void
}

/** The interactive page with its files, and the OpenAPI description of the routes as they are now. */
export function docsRoutes({ runtime }: { runtime: CurrentRuntime }): DocsRoute[] {
  const assets = readAssets()
  const describe = openApiDescriber()
  const openApi: DocsRoute = {
    path: '/openapi.json',
    handler: (request, response) => sendStatic(request, response, { content: describe(runtime.get()) }),
  }
  const pages = [...assets].map(([path, content]) => ({
    path,
    handler(request: IncomingMessage, response: ServerResponse): void {
      sendStatic(request, response, { content, headers: PAGE_HEADERS })
    },
  }))
  return [openApi, ...pages]
}

/** The page loads nothing from elsewhere and runs nothing that is not a file of ours; nobody may frame it. */
const PAGE_HEADERS = {
  'content-security-policy': "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

const ASSETS = 'assets/docs'
const INDEX = 'index.html'
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
])

/** Every file of the page by its path; the page itself also where Redoc used to be. */
function readAssets(): Map<string, StaticContent> {
  const folder = packagePath(ASSETS)
  const assets = new Map<string, StaticContent>()
  for (const file of readdirSync(folder)) {
    const contentType = CONTENT_TYPES.get(extname(file))
    if (contentType === undefined) continue
    const content = staticContent(contentType, readFileSync(join(folder, file)))
    const paths = file === INDEX ? ['/docs', '/redoc'] : [`/docs/${file}`]
    for (const path of paths) assets.set(path, content)
  }
  return assets
}

/** Writes the description once for each runtime; a replaced runtime takes its description with it. */
function openApiDescriber(): (runtime: Runtime) => StaticContent {
  const version = packageVersion()
  const written = new WeakMap<Runtime, StaticContent>()
  return (runtime) => {
    const known = written.get(runtime)
    if (known) return known
    const { settings } = runtime
    const document = openApiDocument({ routes: runtime.list(), settings, version })
    const content = staticContent('application/json', Buffer.from(JSON.stringify(document)))
    written.set(runtime, content)
    return content
  }
}
