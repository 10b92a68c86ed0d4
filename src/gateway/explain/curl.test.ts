import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { curlCommand } from './curl.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'curl-'))
  const fake = join(folder, 'curl')
  writeFileSync(
    fake,
    String.raw`#!/bin/sh
printf '%s\0' "$@"
`,
  )
  chmodSync(fake, 0o755)
})

afterAll(() => rmSync(folder, { recursive: true }))

/** The words that a shell gives to `curl`. */
function run(command: string): string[] {
  const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: '/nowhere' }
  return execFileSync('/bin/sh', ['-c', command], { env, encoding: 'utf8' }).split('\0').slice(0, -1)
}

it.each([
  ['plain JSON', '{"a":1}'],
  ['quotes', `it's "so" ''`],
  ['what a shell would expand', '$HOME $(id) `id` ~ * ? !! \\ \\n'],
  ['lines', 'a\nb\r\n\n'],
  ['a file name to curl', '@/etc/passwd'],
  ['an option to curl', '--output x'],
  ['other scripts', 'Grüße 你好 🙂'],
])('keeps a body with %s as it is', (_name, body) => {
  const command = curlCommand({
    method: 'POST',
    url: "https://host/a[1-3]{x}?q='$y'&z",
    headers: [
      ['x-title', `it's "$HOME"`],
      ['x-empty', ''],
    ],
    body,
  })
  expect(run(command)).toEqual([
    '--globoff',
    '--request',
    'POST',
    "https://host/a[1-3]{x}?q='$y'&z",
    '--header',
    `x-title: it's "$HOME"`,
    '--header',
    'x-empty;',
    '--data-raw',
    body,
  ])
})

it('sends no body where there is none', () => {
  expect(run(curlCommand({ method: 'GET', url: 'http://h/', headers: [], body: '' }))).toEqual([
    '--globoff',
    '--request',
    'GET',
    'http://h/',
  ])
})
