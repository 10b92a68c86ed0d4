import type { MediaSource } from './request.ts'

/** `data:image/png;base64,...` as a source; any other URL stays one. Megabytes of data are cut, not copied or searched. */
export function readUrl(url: string): MediaSource {
  const comma = url.indexOf(',')
  if (comma === -1 || !/^data:/i.test(url.slice(0, 'data:'.length))) return { kind: 'url', url }
  const [mediaType = '', ...flags] = url.slice('data:'.length, comma).split(';')
  const isBase64 = flags.some((flag) => flag.trim().toLowerCase() === 'base64')
  if (!isBase64) return { kind: 'url', url }
  return { kind: 'base64', mediaType: mediaType.trim().toLowerCase(), data: url.slice(comma + 1) }
}

/** The other way; undefined for a source that no URL can name. */
export function writeUrl(source: MediaSource): string | undefined {
  if (source.kind === 'url') return source.url
  return source.kind === 'base64' ? `data:${source.mediaType};base64,${source.data}` : undefined
}
