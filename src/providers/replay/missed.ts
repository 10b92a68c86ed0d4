import { GatewayError } from '../../core/error.ts'
import type { NearestItem, Wanted } from './shelf.ts'

/** More places than these say no more. */
const MANY = 5

/** The failure of a request without a cassette. It names places in the requests, and nothing of what they say. */
export function missed(
  wanted: Pick<Wanted, 'format' | 'stream'>,
  nearest: NearestItem | undefined,
): GatewayError {
  const what = `No cassette holds this request (${wanted.format}, ${wanted.stream ? 'streamed' : 'whole'}).`
  return new GatewayError(`${what} ${nearest ? describe(nearest, wanted.stream) : NONE}`, {
    kind: 'not_found',
    status: 404,
  })
}

const NONE = 'There is none of its format: record one, or send what was recorded.'

function describe({ item, differs }: NearestItem, stream: boolean): string {
  const other = item.stream === stream ? [] : [item.stream ? 'it is streamed' : 'it is not streamed']
  const left = differs.length - MANY
  const more = left > 0 ? ` and ${left} more` : ''
  const places = differs.length > 0 ? [`it differs in ${differs.slice(0, MANY).join(', ')}${more}`] : []
  return `The nearest is ${item.file}: ${[...other, ...places].join(', and ')}.`
}
