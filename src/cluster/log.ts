import { pino, type DestinationStream, type Logger } from 'pino'

export type { Logger }

/** Writes of several processes to one pipe stay whole up to this size (PIPE_BUF on Linux). */
const MAX_WRITE = 4096
const FLUSH_MS = 200

/** JSON lines on stdout, written in batches; readable lines when stdout is a terminal. */
export function createLog(): Logger {
  const options = { base: { pid: process.pid }, level: process.env['LOG_LEVEL'] ?? 'info' }
  return pino(options, process.stdout.isTTY ? terminal : batched())
}

function batched(): DestinationStream {
  return pino.destination({
    fd: 1,
    sync: false,
    minLength: MAX_WRITE - 1,
    maxWrite: MAX_WRITE,
    periodicFlush: FLUSH_MS,
  })
}

const terminal: DestinationStream = {
  write(line: string): void {
    process.stdout.write(readable(line))
  },
}

/** `12:30:01 request route=chat status=200 ms=3.1`, from one of pino's lines. */
function readable(line: string): string {
  const { time, level, msg, pid: _pid, ...fields }: Record<string, unknown> = JSON.parse(line)
  const clock = new Date(Number(time)).toISOString().slice(11, 19)
  const words = Object.entries(fields)
    .filter(([name]) => name !== 'id')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const mark = Number(level) >= 40 ? '! ' : ''
  return `${clock} ${mark}${String(msg)} ${words.join(' ')}\n`
}
