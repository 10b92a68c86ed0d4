import type { TargetModel } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import { isObject, type JsonObject } from '../core/json.ts'
import { STATE_MARK } from '../core/state.ts'
import { parseMember, removeMember, replaceMember, scanMembers, type Member } from './json-scan.ts'
import { spliceMembers } from './json-splice.ts'

/** The body that was opened last, until it is asked for once more. */
let last: { body: Buffer; open: OpenBody } | undefined

/** A request's body of which only the places of its members are known; what is asked for is parsed. */
export class OpenBody {
  readonly #body: Buffer
  readonly #members: readonly Member[]
  #parsed: JsonObject | undefined

  /**
   * The body, scanned once: it is opened to find its route, and then again to be read. Throws a 400 when it is no JSON
   * object, or names its model twice.
   */
  static of(body: Buffer): OpenBody {
    if (last?.body === body) {
      const { open } = last
      last = undefined
      return open
    }
    const open = new OpenBody(body)
    last = { body, open }
    return open
  }

  private constructor(body: Buffer) {
    const members = scanMembers(body)
    if (!members) throw notAnObject()
    // Two servers in a row might each believe another one.
    if (members.filter(({ name }) => name === 'model').length > 1) {
      throw invalidRequest("'model' stands in the body more than once.", 'model')
    }
    this.#body = body
    this.#members = members
  }

  /** Whether the body carries state of another dialect's models, which no provider of this dialect may get. */
  get holdsForeignState(): boolean {
    return this.#body.includes(STATE_MARK)
  }

  /** Throws a 400 when a member is missing. */
  require(name: string): void {
    if (this.#find(name)) return
    throw invalidRequest(`Missing required parameter: '${name}'.`, name)
  }

  /** One member's value; undefined when there is none. */
  member(name: string): unknown {
    const member = this.#find(name)
    return member && parseMember(this.#body, member)
  }

  /** The whole body. Throws a 400 when it is not valid JSON. */
  parse(): JsonObject {
    this.#parsed ??= parseObject(this.#body)
    return this.#parsed
  }

  /** The same bytes for another model. */
  withModel({ model, omitsModel = false }: TargetModel): Buffer | string {
    const member = this.#find('model')
    if (model === null || omitsModel) return member ? removeMember(this.#body, member) : this.#body
    // Where the path names the route, the body need not.
    return member ? replaceMember(this.#body, member, model) : spliceMembers(this.#body, { model })
  }

  /** The last of a name counts, as it does for `JSON.parse`. */
  #find(name: string): Member | undefined {
    return this.#members.findLast((member) => member.name === name)
  }
}

function parseObject(body: Buffer): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw notAnObject()
  }
  if (!isObject(value)) throw notAnObject()
  return value
}

function notAnObject(): GatewayError {
  return invalidRequest(
    'The body is not a JSON object. Send one, with the header content-type: application/json.',
  )
}

/** A 400 for a request that does not fit, naming the parameter at fault in the client's own words. */
export function invalidRequest(message: string, param?: string): GatewayError {
  return new GatewayError(message, { kind: 'bad_request', status: 400, detail: { param: param ?? null } })
}
