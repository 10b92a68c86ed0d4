import { defineConfig } from 'vitepress'
import { copyLinkedFiles, useSiteLinks } from './file-links.ts'
import { headingAnchor } from './heading-anchor.ts'
import { sidebar } from './sidebar.ts'

export default defineConfig({
  title: 'MLflow Gateway',
  description: 'One service in front of every LLM provider.',
  base: process.env['DOCS_BASE'] ?? '/',
  srcExclude: ['README.md'],
  cacheDir: '../node_modules/.cache/vitepress',
  vite: { publicDir: '../dashboard/public' },
  metaChunk: true,
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${process.env['DOCS_BASE'] ?? '/'}icon.svg` }],
  ],
  markdown: {
    config: useSiteLinks,
    anchor: { slugify: headingAnchor },
    toc: { slugify: headingAnchor },
  },
  themeConfig: {
    logo: '/icon.svg',
    nav: [
      { text: 'Guide', link: '/guide/quickstart', activeMatch: '^/guide/' },
      { text: 'Reference', link: '/reference/configuration', activeMatch: '^/reference/' },
      { text: 'Examples', link: '/project/examples' },
      { text: 'Changelog', link: '/project/changelog' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
  },
  buildEnd: ({ outDir }) => copyLinkedFiles(outDir),
})
