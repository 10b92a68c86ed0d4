import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'

export type FileText = { ok: true; text: string } | { ok: false; message: string }

/** No hand-written configuration comes near this; a bigger file is another file. */
const MAX_BYTES = 4_194_304

/** The text of a configuration file, or why it is not to be had. It does not wait on pipes and never throws. */
export async function readConfigFile(path: string): Promise<FileText> {
  let handle: FileHandle | undefined
  try {
    const found = await stat(path)
    if (found.isDirectory()) return refuse('is a directory; give the path of a YAML file')
    if (!found.isFile()) return refuse('is not a regular file; give the path of a YAML file')
    // Not blocking, in case a pipe took the file's place since it was looked at.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return decode(await readUpTo(handle, MAX_BYTES + 1))
  } catch (error) {
    return refuse(explain(error))
  } finally {
    await handle?.close()
  }
}

async function readUpTo(handle: FileHandle, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  while (length < limit) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(65_536) })
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    length += bytesRead
  }
  return Buffer.concat(chunks)
}

function decode(bytes: Buffer): FileText {
  if (bytes.length > MAX_BYTES) return refuse('is larger than 4 MB; is it a configuration file?')
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return refuse('is not UTF-8 text; save it in UTF-8')
  }
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist; check the path'
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read; check its permissions'
    case 'ELOOP':
      return 'is a symbolic link that leads back to itself'
    default:
      return `cannot be read${code === '' ? '' : ` (${code})`}`
  }
}

function refuse(message: string): FileText {
  return { ok: false, message }
}
