const MP3 = 'mp3'

/** OpenAI's word for a kind of sound (`wav`, `mp3`) as a media type. */
export function mediaTypeOf(format: string): string {
  return `audio/${format === MP3 ? 'mpeg' : format}`
}

/** The other way. */
export function audioFormatOf(mediaType: string): string {
  const format = mediaType.replace(/^audio\/(?:x-)?/, '')
  return format === 'mpeg' ? MP3 : format
}
