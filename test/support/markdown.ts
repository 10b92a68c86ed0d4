import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { headingAnchor } from '../../docs/.vitepress/heading-anchor.ts'

const NOT_OURS: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage'])

/** Every Markdown file below a folder, as paths from it; dependencies, builds and hidden folders are left out. */
export function markdownFiles(root: string, below = ''): string[] {
  const entries = readdirSync(join(root, below), { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = join(below, entry.name)
    if (entry.isDirectory()) {
      return NOT_OURS.has(entry.name) || entry.name.startsWith('.') ? [] : markdownFiles(root, path)
    }
    return entry.name.endsWith('.md') ? [path] : []
  })
}

/** The text of each fenced block in this language. */
export function blocksOf(text: string, language: string): string[] {
  const blocks = text.matchAll(/^ {0,3}```(\w*)[^\n]*\n(.*?)^ {0,3}```/gms)
  return [...blocks].filter(([, name]) => name === language).map(([, , block = '']) => block)
}

/** The targets of all links and images that lead into the repository: `path#anchor`, `path` or `#anchor`. */
export function localLinksOf(text: string): string[] {
  const plain = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, 'code')
  const inline = [...plain.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
  const defined = [...plain.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)]
  const targets = [...inline, ...defined].map(([, target = '']) => target)
  return targets.filter((target) => !/^[a-z][a-z\d+.-]*:/i.test(target))
}

/** The anchors that GitHub gives the headings: lower case, punctuation left out, hyphens for blanks. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, title = ''] of withoutBlocks(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const shown = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    const anchor = headingAnchor(shown)
    let unique = anchor
    for (let count = 1; anchors.has(unique); count++) unique = `${anchor}-${count}`
    anchors.add(unique)
  }
  return anchors
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^ {0,3}```.*?^ {0,3}```/gms, '')
}
