/** Formats name the model near the beginning of an answer, or at its end. */
const LOOK = 512
const NAMED = /"(?:model|modelVersion)"\s*:\s*"([^"\\]{1,200})"/

/** The model that an answer says it comes from, looked for without reading the answer; undefined when it tells none there. */
export function servedModel(body: Buffer): string | undefined {
  // Within a text of the answer the quotes would be escaped.
  return nameIn(body.subarray(0, LOOK)) ?? (body.length > LOOK ? nameIn(body.subarray(-LOOK)) : undefined)
}

function nameIn(bytes: Buffer): string | undefined {
  return bytes.includes('"model') ? NAMED.exec(bytes.toString('utf8'))?.[1] : undefined
}
