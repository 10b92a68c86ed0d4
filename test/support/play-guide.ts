import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Gateway } from './gateway.ts'

const run = promisify(execFile)
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** What a guide's command printed, and a line of its `# -> ...` that was not in it. */
export interface Missing {
  readonly words: string
  readonly output: string
}

/**
 * All of a guide's commands in one shell, against a gateway in the place of the one that the guide has started.
 * The folder is the home of the shell, and has the command as it is once the package is installed.
 */
export async function playGuide(
  blocks: readonly string[],
  gateway: Gateway,
  folder: string,
): Promise<Missing[]> {
  const command = join(folder, 'mlflow-gateway')
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`, { mode: 0o755 })
  const parts = blocks.flatMap((block) => block.split('\n\n'))
  const script = parts
    .map((part) => `echo '<<part>>'\n${part}`)
    .join('\n')
    .replaceAll('127.0.0.1:5000', `127.0.0.1:${gateway.port}`)
    .replaceAll('127.0.0.1:5001', `127.0.0.1:${gateway.port + 1}`)
  const { stdout } = await run('sh', ['-c', script], {
    cwd: folder,
    env: { HOME: folder, PATH: `${folder}:${process.env['PATH']}` },
  })
  const outputs = stdout.split('<<part>>\n').slice(1)
  return parts.flatMap((part, index) => {
    // A part without output of its own is one that the shell did not reach.
    const output = outputs[index] ?? ''
    const wanted = [...part.matchAll(/^# -> (.+)$/gm)].map(([, words = '']) => words)
    return wanted.filter((words) => !output.includes(words)).map((words) => ({ words, output }))
  })
}
