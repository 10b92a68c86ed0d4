import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RouteCatalog } from '../core/dialect.ts'
import type { CurrentRuntime, Runtime } from '../gateway/runtime.ts'
import { routesShownTo } from './admission.ts'
import { openApiDocument } from './openapi/document.ts'
import { packageVersion } from './package-file.ts'
import { PAGE_HEADERS, readPageFiles } from './page-files.ts'
import { sendStatic, staticContent, type StaticContent } from './static-content.ts'

interface DocsRoute {
  path: string
  handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>
}

/** The interactive page with its files, and the OpenAPI description of the routes as they are now. */
export function docsRoutes({ runtime }: { runtime: CurrentRuntime }): DocsRoute[] {
  const assets = readAssets()
  const describe = openApiDescriber()
  const openApi: DocsRoute = {
    path: '/openapi.json',
    async handler(request, response) {
      const current = runtime.get()
      const routes = await routesShownTo(request, current)
      sendStatic(request, response, { content: describe(current, routes) })
    },
  }
  const pages = [...assets].map(([path, content]) => ({
    path,
    handler(request: IncomingMessage, response: ServerResponse): void {
      sendStatic(request, response, { content, headers: PAGE_HEADERS })
    },
  }))
  return [openApi, ...pages]
}

const INDEX = 'index.html'

/** Every file of the page by its path; the page itself also where Redoc used to be. */
function readAssets(): Map<string, StaticContent> {
  const assets = new Map<string, StaticContent>()
  for (const [file, content] of readPageFiles('assets/docs')) {
    const paths = file === INDEX ? ['/docs', '/redoc'] : [`/docs/${file}`]
    for (const path of paths) assets.set(path, content)
  }
  return assets
}

type Describer = (runtime: Runtime, routes: RouteCatalog) => StaticContent

/**
 * Writes the description once for each runtime and each choice of its routes; a replaced runtime takes its descriptions
 * with it.
 */
function openApiDescriber(): Describer {
  const version = packageVersion()
  const written = new WeakMap<Runtime, Map<string, StaticContent>>()
  return (runtime, catalog) => {
    const known = written.get(runtime) ?? new Map<string, StaticContent>()
    written.set(runtime, known)
    const routes = catalog.list()
    const names = JSON.stringify(routes.map(({ name }) => name))
    const found = known.get(names)
    if (found) return found
    const { settings } = runtime
    const document = openApiDocument({ routes, settings, version })
    const content = staticContent('application/json', Buffer.from(JSON.stringify(document)))
    if (known.size < MAX_DESCRIPTIONS) known.set(names, content)
    return content
  }
}

/** Keys may see any choice of routes; only so many descriptions are kept. */
const MAX_DESCRIPTIONS = 64
