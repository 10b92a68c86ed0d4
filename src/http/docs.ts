import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CurrentRuntime, Runtime } from '../gateway/runtime.ts'
import { openApiDocument } from './openapi/document.ts'
import { packageVersion } from './package-file.ts'
import { PAGE_HEADERS, readPageFiles } from './page-files.ts'
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
