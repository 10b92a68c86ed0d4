import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { REPOSITORY } from './repository.ts'
import { siteLink } from './site-link.ts'

const linked = new Set<string>()

/** Makes links that were written for the repository lead to the same thing on the site. */
export function useSiteLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('site-links', ({ tokens, env }) => {
    const links = tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open')
    for (const token of links) {
      const link = siteLink(env.relativePath, token.attrGet('href') ?? '')
      if (link.startsWith('/files/')) linked.add(link)
      token.attrSet('href', link)
    }
  })
}

/** Files of the repository that pages link to and that are no pages, copied to the site as plain text. */
export function copyLinkedFiles(site: string): void {
  for (const link of linked) {
    const target = join(site, link)
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(REPOSITORY, link.slice('/files/'.length, -'.txt'.length)), target)
  }
}
