import type { ProviderDefinition } from '../core/provider.ts'

/** Every provider that `model.provider` may name. */
export const providers: readonly ProviderDefinition[] = []
