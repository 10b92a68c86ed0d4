const TYPES: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['heif', 'image/heif'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['ogg', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
])

/** The media type that a URL's file name promises; undefined when it promises none. */
export function mediaTypeOfUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const extension = /\.([a-z0-9]+)$/i.exec(new URL(url).pathname)?.[1]
  return extension === undefined ? undefined : TYPES.get(extension.toLowerCase())
}
