import { posix } from 'node:path'
import { headingAnchor } from './heading-anchor.ts'
import { PROJECT_PAGES } from './project-pages.ts'

/** Where a link of a page leads to on the site; it was written for the repository, whose files are not all pages. */
export function siteLink(page: string, link: string): string {
  if (/^(?:[a-z][a-z\d+.-]*:|[#/])/i.test(link)) return link
  const [path = '', anchor] = link.split('#', 2)
  const target = posix.join(folderOf(page), decodeURI(path)).replace(/\/$/, '')
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (target.startsWith('docs/') && target.endsWith('.md')) return `/${target.slice('docs/'.length)}${hash}`
  if (target === 'examples') return '/project/examples'
  if (target.startsWith('examples/')) {
    return `/project/examples#${headingAnchor(target.slice('examples/'.length))}`
  }
  const project = PROJECT_PAGES.find(({ file }) => file === target)
  if (project) return `/project/${project.page}${hash}`
  // Pictures: the site's own build takes them along.
  if (target.startsWith('docs/images/')) return link
  return `/files/${target}.txt`
}

/** The folder that a page's links are relative to, from the root of the repository. */
function folderOf(page: string): string {
  return PROJECT_PAGES.some((one) => `project/${one.page}.md` === page) ? '.' : posix.dirname(`docs/${page}`)
}
