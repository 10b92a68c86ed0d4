import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts'
import { badResponse } from './fields.ts'

/** `.name`, `['name']`, `["name"]` or `[0]`. */
const STEP = /\.([^.[\]]+)|\[(\d+)\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/y

type Container = JsonObject | JsonValue[]

/**
 * Arguments of a call that come in pieces, each under its path; a string may come in several.
 * Spec: https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc
 */
export class PartialArguments {
  readonly #root: JsonObject = {}
  /** The path of a string that goes on. */
  #open: string | undefined

  /** Throws a `bad_response` for a path that leads nowhere. */
  add(pieces: JsonValue | undefined): void {
    for (const piece of asArray(pieces).map(asObject)) {
      const path = asString(piece['jsonPath']) ?? ''
      this.#set(path, readValue(piece))
      this.#open = piece['willContinue'] === true ? path : undefined
    }
  }

  /** As JSON. */
  get text(): string {
    return JSON.stringify(this.#root)
  }

  #set(path: string, value: JsonValue): void {
    const steps = readSteps(path)
    const last = steps.pop()
    if (last === undefined) throw badResponse('has an argument without a name')
    let at: Container = this.#root
    for (const [index, step] of steps.entries()) at = enter(at, step, steps[index + 1] ?? last)
    const before = read(at, last)
    const goesOn = this.#open === path && typeof before === 'string' && typeof value === 'string'
    write(at, last, goesOn ? before + value : value)
  }
}

function readValue(piece: JsonObject): JsonValue {
  return piece['stringValue'] ?? piece['numberValue'] ?? piece['boolValue'] ?? null
}

function readSteps(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  let end = path.startsWith('$') ? 1 : 0
  while (end < path.length) {
    STEP.lastIndex = end
    const [all = '', name, index, single, double] = STEP.exec(path) ?? []
    if (all === '') throw badResponse('has an argument whose path cannot be read')
    steps.push(index === undefined ? (name ?? single ?? double ?? '') : Number(index))
    end += all.length
  }
  return steps
}

/** The object or list at a step, made when it is not there yet. */
function enter(at: Container, step: string | number, next: string | number): Container {
  const inside = read(at, step)
  if (typeof inside === 'object' && inside !== null) return inside
  const made: Container = typeof next === 'number' ? [] : {}
  write(at, step, made)
  return made
}

function read(at: Container, step: string | number): JsonValue | undefined {
  return Object.hasOwn(at, step) ? (at as JsonObject)[step] : undefined
}

/** Lists only grow at their end. */
function write(at: Container, step: string | number, value: JsonValue): void {
  if (Array.isArray(at) && (typeof step !== 'number' || step > at.length)) {
    throw badResponse('has an argument whose place in a list is not the next one')
  }
  // Assigned, a member named `__proto__` would become the prototype.
  Object.defineProperty(at, step, { value, enumerable: true, configurable: true, writable: true })
}
