import type { ClientRequest } from '../core/dialect.ts'
import { asNumber, asString } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { Layer, LayerPolicy, PolicyOptions, PolicyTools } from '../core/policy.ts'
import { isCopy, sendCopy } from './mirror-copy.ts'
import { Share } from './mirror-share.ts'

/** Sends a copy of some requests to another route, to see how that does. The client notices nothing of it. */
export const mirror: LayerPolicy = {
  name: 'mirror',
  around: 'request',
  options: option.object({
    route: option.string({
      description: 'The route that gets the copies; its answers are recorded and thrown away.',
      minLength: 1,
    }),
    percent: option.number({
      description: 'How many of a hundred requests are copied. Uploads and raw requests never are.',
      minimum: 0,
      maximum: 100,
    }),
  }),
  create(options: PolicyOptions | undefined, tools: PolicyTools): Layer | undefined {
    const route = asString(options?.['route'])
    const percent = asNumber(options?.['percent']) ?? 0
    if (route === undefined || percent === 0) return undefined
    const share = new Share(percent)
    return (call, next) => {
      const reply = next(call)
      if (!isCopy(call) && canBeReadTwice(call.request) && share.take()) sendCopy(call, { route, tools })
      return reply
    }
  },
}

/** A body that is piped through while it arrives is gone with the first who reads it. */
function canBeReadTwice(request: ClientRequest): boolean {
  return request.operation !== 'raw' && !('upload' in request && request.upload !== undefined)
}
