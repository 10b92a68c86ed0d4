import { pino, type Logger as PinoLogger } from 'pino'
import { LogOutput } from './log-output.ts'
import { stdoutSink } from './log-sink.ts'

export interface Logger extends PinoLogger {
  /** Lines that the output did not take, since the start. */
  droppedLines(): number
  /** The line of a request: JSON members, each with a comma before it. Written as pino would, in a fifth of the time. */
  request(members: string): void
}

/** JSON lines on stdout; readable lines when stdout is a terminal. */
export function createLog(): Logger {
  const output = new LogOutput({
    sink: stdoutSink(),
    recovered: (dropped) => log.warn({ dropped }, 'log lines were dropped: the output did not take them'),
  })
  process.on('exit', () => output.flushNow())
  const { isTTY } = process.stdout
  const destination = {
    write: (line: string): void => output.write(isTTY ? readable(line) : line),
    flush: (done?: () => void): void => output.flush(done),
  }
  const options = { base: { pid: process.pid }, level: process.env['LOG_LEVEL'] ?? 'info' }
  const log = pino(options, destination)
  const request = (members: string): void => {
    if (!log.isLevelEnabled('info')) return
    destination.write(`{"level":30,"time":${Date.now()},"pid":${process.pid}${members},"msg":"request"}\n`)
  }
  return Object.assign(log, { droppedLines: () => output.dropped, request })
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
