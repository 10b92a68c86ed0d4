import { GatewayError } from '../../core/error.ts'
import { isObject } from '../../core/json.ts'

/** MLflow's page size. */
const PAGE_SIZE = 3000

/** One page of a list and the token of the next page, null on the last. Throws a 400 for a token that is none. */
export function paginate<Item>(
  items: readonly Item[],
  token: string | null,
): { page: Item[]; nextPageToken: string | null } {
  const start = token === null ? 0 : readToken(token)
  const end = start + PAGE_SIZE
  return { page: items.slice(start, end), nextPageToken: end < items.length ? writeToken(end) : null }
}

/** MLflow's token: base64 of Python's `{"index": 3000}`, with the space that Python writes. */
function writeToken(index: number): string {
  return Buffer.from(`{"index": ${index}}`).toString('base64')
}

function readToken(token: string): number {
  const text = Buffer.from(token, 'base64').toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalidToken(token)
  }
  const index = isObject(value) ? value['index'] : undefined
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0) throw invalidToken(token)
  return index
}

function invalidToken(token: string): GatewayError {
  return new GatewayError(
    `Invalid SearchRoutes token: ${JSON.stringify(token.slice(0, 100))}. Leave out page_token for the first page, then send the next_page_token of the page before.`,
    { kind: 'bad_request', status: 400 },
  )
}
