import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { FoundRoute } from './find-routes.ts'

const HEAD = `# Written at each start without a configuration, from what was found then. To change it, copy it and name the
# copy with --config-path.

`

/** A configuration with these routes, and one named `chat` that tries all for chat in turn. */
export function foundConfig(routes: readonly FoundRoute[]): string {
  const ofChat = routes.filter(({ type }) => type === 'llm/v1/chat')
  const hasOwn = routes.some(({ name }) => name === 'chat')
  const first = ofChat.length > 0 && !hasOwn ? [chatRoute(ofChat)] : []
  return (
    HEAD +
    stringify({
      routes: [
        ...first,
        ...routes.map((route) => ({ name: route.name, type: route.type, model: modelOf(route) })),
      ],
    })
  )
}

function modelOf({ provider, model: name, config }: FoundRoute): unknown {
  return { provider, name, config }
}

/** One model of each provider: the first. */
function chatRoute(routes: readonly FoundRoute[]): unknown {
  const firsts = routes.filter(
    ({ provider }, index) => routes.findIndex((other) => other.provider === provider) === index,
  )
  return {
    name: 'chat',
    type: 'llm/v1/chat',
    strategy: 'priority',
    targets: firsts.map((route) => ({ model: modelOf(route) })),
  }
}

/** Keep it where the gateway keeps the rest; without such a place, in a folder of its own. Gives its path. */
export function keepConfig(text: string, directory: string | undefined): string {
  const folder = directory ?? mkdtempSync(join(tmpdir(), 'mlflow-gateway-'))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'found.yaml')
  writeFileSync(path, text, { mode: 0o600 })
  return path
}
