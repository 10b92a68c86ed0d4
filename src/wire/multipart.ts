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
 * Looks for a field's value in a form while it arrives. Files are passed over without looking at their content, and no byte
 * is searched again for each chunk after it. Spec: https://www.rfc-editor.org/rfc/rfc7578
 */
export class FieldSearch {
  readonly #delimiter: string
  readonly #name: string
  /** What has come, with room for more behind it. */
  #buffer: Buffer = Buffer.alloc(0)
  #length = 0
  /** Where the part of now begins, and where its headers end; -1 while that has not come. */
  #part = -1
  #headersEnd = -1
  /** What is looked for now is not before this. */
  #from = 0

  constructor(boundary: string, name: string) {
    this.#delimiter = `--${boundary}`
    this.#name = name
  }

  /** All that has come. */
  get form(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** The value's place, once it has come as a whole. */
  push(chunk: Buffer): FieldPlace | undefined {
    this.#append(chunk)
    for (;;) {
      if (this.#part === -1) {
        this.#part = this.#find(this.#delimiter)
        if (this.#part === -1) return undefined
      }
      if (this.#headersEnd === -1) {
        this.#headersEnd = this.#find('\r\n\r\n')
        if (this.#headersEnd === -1) return undefined
        // The line break before the next delimiter may be the headers' own.
        this.#from = this.#headersEnd + 2
      }
      const end = this.#find(`\r\n${this.#delimiter}`)
      if (end === -1) return undefined
      const headers = this.#buffer.toString('latin1', this.#part, this.#headersEnd)
      if (nameOf(headers) === this.#name) return { start: this.#headersEnd + 4, end }
      this.#part = end + 2
      this.#from = this.#part
      this.#headersEnd = -1
    }
  }

  /** Where `text` stands; the search for it goes on there, or where its first half may stand. */
  #find(text: string): number {
    const at = this.form.indexOf(text, this.#from)
    this.#from = at === -1 ? Math.max(this.#from, this.#length - text.length + 1) : at
    return at
  }

  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (this.#length === 0) this.#buffer = chunk
    else {
      if (length > this.#buffer.length) {
        const larger = Buffer.allocUnsafe(2 * length)
        this.#buffer.copy(larger, 0, 0, this.#length)
        this.#buffer = larger
      }
      chunk.copy(this.#buffer, this.#length)
    }
    this.#length = length
  }
}

function nameOf(headers: string): string | undefined {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(headers)?.[1]
  // Not `filename=`.
  return disposition === undefined ? undefined : /(?:^|[\s;])name="?([^";\r\n]*)"?/i.exec(disposition)?.[1]
}
