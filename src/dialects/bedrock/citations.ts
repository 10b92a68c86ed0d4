import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'

/**
 * One of Converse's citations. Its place is one in the source; what it cites is the text that it stands beside.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Citation.html
 */
export function readCitation(citation: JsonObject): Annotation {
  const annotation: Annotation = { native: { dialect: 'bedrock', value: citation } }
  const url = asString(asObject(asObject(citation['location'])['web'])['url'])
  const title = asString(citation['title'])
  const texts = asArray(citation['sourceContent']).map((source) => asString(asObject(source)['text']) ?? '')
  const citedText = texts.join('')
  if (url !== undefined) annotation.url = url
  if (title !== undefined) annotation.title = title
  if (citedText !== '') annotation.citedText = citedText
  return annotation
}
