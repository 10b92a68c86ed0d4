import type { Layer, Next } from '../core/policy.ts'

/** One function from layers around a core: the first layer is outermost. Composed once, when a configuration loads. */
export function compose(layers: readonly Layer[], core: Next): Next {
  return layers.reduceRight<Next>((next, layer) => (call) => layer(call, next), core)
}
