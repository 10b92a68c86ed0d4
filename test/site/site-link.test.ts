import { expect, test } from 'vitest'
import { siteLink } from '../../docs/.vitepress/site-link.ts'

test.each([
  ['guide/keys.md', 'secrets.md', '/guide/secrets.md'],
  ['guide/keys.md', '../reference/cli.md#keys', '/reference/cli.md#keys'],
  ['guide/clients/README.md', '../keys.md', '/guide/keys.md'],
  ['project/architecture.md', 'docs/reference/cli.md', '/reference/cli.md'],
])('a link of %s to the page %s leads to the page', (page, link, target) => {
  expect(siteLink(page, link)).toBe(target)
})

test.each([
  ['guide/many-nodes.md', '../../CHANGELOG.md', '/project/changelog'],
  ['project/contributing.md', 'ARCHITECTURE.md#layout', '/project/architecture#layout'],
  ['guide/targets.md', '../../examples', '/project/examples'],
  ['guide/targets.md', '../../examples/', '/project/examples'],
  ['guide/targets.md', '../../examples/all-2023.yaml', '/project/examples#all-2023yaml'],
])('a link of %s to %s, which is no page of docs, leads to what is made of it', (page, link, target) => {
  expect(siteLink(page, link)).toBe(target)
})

test('a link to any other file leads to its text', () => {
  expect(siteLink('reference/configuration.md', 'config.schema.json')).toBe(
    '/files/docs/reference/config.schema.json.txt',
  )
})

test.each(['https://example.com/x.md', 'mailto:someone@example.com', '#here', '/guide/keys'])(
  'the link %s stays as it is',
  (link) => {
    expect(siteLink('guide/keys.md', link)).toBe(link)
  },
)
