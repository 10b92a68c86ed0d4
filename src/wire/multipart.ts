/** Where a form field's value stands: of its first byte, and of the byte after its last. */
export interface FieldPlace {
  start: number
  end: number
}

/** The boundary of a `multipart/form-data` content type; undefined when it is none, or has no usable one. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType)
  return match?.[1] ?? match?.[2]
}

/**
 * The value of a field in the first bytes of a form; undefined while it has not come as a whole. Files are passed over
 * without looking at their content. Spec: https://www.rfc-editor.org/rfc/rfc7578
 */
export function findField(form: Buffer, boundary: string, name: string): FieldPlace | undefined {
  const delimiter = `--${boundary}`
  let at = form.indexOf(delimiter)
  while (at !== -1) {
    const headersEnd = form.indexOf('\r\n\r\n', at)
    if (headersEnd === -1) return undefined
    const next = form.indexOf(`\r\n${delimiter}`, headersEnd + 2)
    if (next === -1) return undefined
    if (nameOf(form.toString('latin1', at, headersEnd)) === name) return { start: headersEnd + 4, end: next }
    at = next + 2
  }
  return undefined
}

function nameOf(headers: string): string | undefined {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(headers)?.[1]
  // Not `filename=`.
  return disposition === undefined ? undefined : /(?:^|[\s;])name="?([^";\r\n]*)"?/i.exec(disposition)?.[1]
}
