import { createInterface } from 'node:readline/promises'
import { text as readAll } from 'node:stream/consumers'
import { asArray, asObject, asString, type JsonObject } from '../core/json.ts'
import { EXIT_USAGE } from './program.ts'

export interface ChatArguments {
  readonly url: string
  readonly key?: string
  readonly system?: string
}

interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** `mlflow-gateway chat [route]`: talk in the terminal; of a pipe, the one answer to it. Exit code 1: a refusal. */
export async function chat(route: string, { url, key, system }: ChatArguments): Promise<number> {
  const messages: Message[] = system === undefined ? [] : [{ role: 'system', content: system }]
  const ask = async (content: string): Promise<boolean> => {
    const answer = await answerTo({ route, url, key, messages: [...messages, { role: 'user', content }] })
    if (answer === undefined) return false
    messages.push({ role: 'user', content }, { role: 'assistant', content: answer })
    return true
  }
  if (!process.stdin.isTTY) return (await ask((await readAll(process.stdin)).trim())) ? 0 : 1
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  process.stderr.write(`Talking with ${route}. An empty line, or Ctrl-D, ends it.\n`)
  try {
    for (;;) {
      const line = (await terminal.question('> ')).trim()
      if (line === '') return 0
      await ask(line)
    }
  } catch {
    // Ctrl-D and Ctrl-C close the terminal while it asks.
    return 0
  } finally {
    terminal.close()
  }
}

/** What the route answers, printed while it comes; undefined when it refuses, which is printed too. */
async function answerTo({
  route,
  url,
  key,
  messages,
}: {
  route: string
  url: string
  key: string | undefined
  messages: readonly Message[]
}): Promise<string | undefined> {
  const response = await fetch(new URL('/v1/chat/completions', url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model: route, messages, stream: true }),
    redirect: 'error',
  }).catch(() => undefined)
  if (!response) {
    process.stderr.write(`error: no gateway answers at ${url}; start one, or name it with --url\n`)
    process.exitCode = EXIT_USAGE
    return undefined
  }
  if (!response.ok || !response.body) {
    process.stderr.write(`error: ${messageOf(parse(await response.text())) ?? `status ${response.status}`}\n`)
    return undefined
  }
  let whole = ''
  let rest = ''
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!line.startsWith('data:')) continue
      const chunk = parse(line.slice('data:'.length))
      const error = messageOf(chunk)
      if (error !== undefined) {
        process.stderr.write(`\nerror: ${error}\n`)
        return undefined
      }
      const text = asString(asObject(asObject(asArray(chunk['choices'])[0])['delta'])['content']) ?? ''
      process.stdout.write(text)
      whole += text
    }
  }
  process.stdout.write('\n')
  return whole
}

function messageOf(answer: JsonObject): string | undefined {
  return asString(asObject(answer['error'])['message'])
}

function parse(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return {}
  }
}
