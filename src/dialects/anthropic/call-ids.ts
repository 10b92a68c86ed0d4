/**
 * Ids of tool calls as Anthropic allows them. Other providers' ids (`functions.search:0`) may go on in a conversation here,
 * and some providers give none: then one is made up, and the results take them in the order of the calls.
 */
export class CallIds {
  #count = 0
  #open: { name: string; id: string }[] = []

  ofCall({ id, name }: { id: string; name: string }): string {
    if (id !== '') return clean(id)
    const made = `call_${++this.#count}`
    this.#open.push({ name, id: made })
    return made
  }

  ofResult({ callId, name }: { callId: string; name?: string }): string {
    if (callId !== '') return clean(callId)
    const call = this.#open.find((call) => name === undefined || call.name === name)
    this.#open = this.#open.filter((other) => other !== call)
    return call?.id ?? ''
  }
}

function clean(id: string): string {
  return id.replaceAll(/[^\w-]/g, '_')
}
