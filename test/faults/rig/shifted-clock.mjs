// Loaded into the gateway's processes: their wall clock is ahead by as many milliseconds as the file says.
import { readFileSync } from 'node:fs'

const RealDate = Date
let offset = 0
let readAt = -Infinity

function now() {
  if (performance.now() - readAt > 50) {
    readAt = performance.now()
    offset = Number(readFileSync(process.env.SHIFTED_CLOCK, 'utf8')) || 0
  }
  return RealDate.now() + offset
}

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(now())
    else super(...given)
  }

  static now() {
    return now()
  }
}
