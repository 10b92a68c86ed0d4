import type { StreamFilter } from '../../core/dialect.ts'
import { splitFrames } from '../../wire/sse.ts'

export interface StreamFilterOptions {
  /** Whether the client asked for the usage, which the gateway itself always asks the provider for. */
  showsUsage: boolean
  /** Whether the client expects `data: [DONE]` at the end. */
  showsDone: boolean
}

/** Takes out of a stream that passes through what a client of OpenAI's chunks must not see. */
export function createStreamFilter({ showsUsage, showsDone }: StreamFilterOptions): StreamFilter {
  return {
    events(bytes): Buffer {
      const shown = showsUsage ? bytes : withoutUsage(bytes)
      return showsDone ? shown : withoutDone(shown)
    },
  }
}

const USAGE = Buffer.from('"usage"')
const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/

/** The event that carries the usage and no choice is one that the gateway asked for, not the client. */
function withoutUsage(bytes: Buffer): Buffer {
  if (!bytes.includes(USAGE) || !NO_CHOICES.test(bytes.toString('latin1'))) return bytes
  const kept = splitFrames(bytes).filter((frame) => !isUsageFrame(frame))
  return Buffer.from(kept.join(''))
}

function isUsageFrame(frame: string): boolean {
  return NO_CHOICES.test(frame) && /"usage"\s*:\s*\{/.test(frame)
}

/** The blank after the colon is a courtesy of most servers, not a rule. */
const DONE = [Buffer.from('data: [DONE]'), Buffer.from('data:[DONE]')]

/** A stream's last event may be `data: [DONE]`; only the end has to be looked at. */
function withoutDone(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 10 || bytes[end - 1] === 13)) end--
  const done = DONE.find((marker) => bytes.subarray(Math.max(end - marker.length, 0), end).equals(marker))
  return done ? bytes.subarray(0, end - done.length) : bytes
}
