import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly packages: Readonly<
    Record<
      string,
      { dev?: boolean; optional?: boolean; hasInstallScript?: boolean; integrity?: string; link?: boolean }
    >
  >
}

const { packages }: Locked = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
)
const installed = Object.entries(packages).filter(([path, { dev, link }]) => path !== '' && !dev && !link)

test('what runs in production needs no script at its installation', () => {
  // Optional: it brings its own binaries, and what it would build is for systems that have none.
  const allowed = new Set(['node_modules/@photostructure/sqlite'])
  const withScripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)
  expect(withScripts.filter((path) => !allowed.has(path))).toEqual([])
})

test('what runs in production is pinned to its content', () => {
  expect(installed.filter(([, { integrity }]) => !integrity).map(([path]) => path)).toEqual([])
})
