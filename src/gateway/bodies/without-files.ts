const QUOTE = 0x22
/** A text of so many bytes with no space among its first is no text but a file. */
const LONG = 2048
const LOOK = 512
const SPACES: readonly number[] = [0x20, 0x5c]

/** JSON without the files in it, such as pictures in base64: their length is said in their place. */
export function withoutFiles(json: Buffer): Buffer {
  const pieces: Buffer[] = []
  let kept = 0
  let from = 0
  for (;;) {
    const start = json.indexOf(QUOTE, from)
    if (start === -1) break
    const found = json.indexOf(QUOTE, start + 1)
    const end = found === -1 ? json.length : found
    if (end - start > LONG && isFile(json, start + 1)) {
      pieces.push(json.subarray(kept, start + 1), Buffer.from(`[${end - start - 1} bytes left out]`))
      kept = end
      from = end + 1
    } else from = end
    if (found === -1) break
  }
  return pieces.length === 0 ? json : Buffer.concat([...pieces, json.subarray(kept)])
}

/** Text in JSON has spaces, or backslashes where other things are written. */
function isFile(json: Buffer, from: number): boolean {
  const first = json.subarray(from, from + LOOK)
  return SPACES.every((byte) => first.indexOf(byte) === -1)
}
