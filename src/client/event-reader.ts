/**
 * Cuts server-sent events out of text that arrives in pieces of any size; only the `data` of each event is kept.
 * Follows the "event stream interpretation" of the HTML standard.
 */
export class EventReader {
  #line = ''
  #data: string[] = []
  #afterCarriageReturn = false

  /** The data of the events that `text` completes. */
  push(text: string): string[] {
    const events: string[] = []
    if (text === '') return events
    // The line feed of a CRLF that was cut in two.
    let start = this.#afterCarriageReturn && text.startsWith('\n') ? 1 : 0
    this.#afterCarriageReturn = text.endsWith('\r')
    LINE_END.lastIndex = start
    for (let end = LINE_END.exec(text); end; end = LINE_END.exec(text)) {
      this.#endLine(this.#line + text.slice(start, end.index), events)
      this.#line = ''
      start = LINE_END.lastIndex
    }
    this.#line += text.slice(start)
    return events
  }

  /** The data of a last event that the end of the stream completes instead of an empty line. */
  end(): string[] {
    return this.push('\n\n')
  }

  #endLine(line: string, events: string[]): void {
    if (line === '') {
      if (this.#data.length > 0) events.push(this.#data.join('\n'))
      this.#data = []
      return
    }
    const colon = line.indexOf(':')
    if ((colon === -1 ? line : line.slice(0, colon)) !== 'data') return
    const value = colon === -1 ? '' : line.slice(colon + 1)
    this.#data.push(value.startsWith(' ') ? value.slice(1) : value)
  }
}

const LINE_END = /\r\n?|\n/g
