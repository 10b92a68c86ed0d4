/** A request as far as a command line says it. */
export interface CurlRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** The request as a `curl` command for any POSIX shell. */
export function curlCommand({ method, url, headers, body }: CurlRequest): string {
  return [
    // Without it, curl takes brackets and braces in a URL for a pattern.
    `curl --globoff --request ${quote(method)} ${quote(url)}`,
    ...headers.map(([name, value]) => `--header ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`),
    // Not `--data`, which reads a file when the text begins with "@".
    ...(body === '' ? [] : [`--data-raw ${quote(body)}`]),
  ].join(' \\\n  ')
}

/** One word of a shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
