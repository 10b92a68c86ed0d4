import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { packagePath } from './package-file.ts'
import { staticContent, type StaticContent } from './static-content.ts'

/** The page loads nothing from elsewhere and runs nothing that is not a file of ours; nobody may frame it. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
])

/** The files of a page by their paths, from a folder of the package. */
export function readPageFiles(folder: string): Map<string, StaticContent> {
  const path = packagePath(folder)
  const files = new Map<string, StaticContent>()
  for (const file of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    const contentType = CONTENT_TYPES.get(extname(file))
    if (contentType !== undefined) files.set(file, staticContent(contentType, readFileSync(join(path, file))))
  }
  return files
}
