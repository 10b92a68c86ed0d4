import type { ProviderDefinition } from '../../core/provider.ts'
import { MLFLOW_ROUTE_TYPES } from '../../core/route.ts'
import { checkOptions, options } from './options.ts'
import { Simulator, type MockFormats } from './simulator.ts'

/** A simulated provider: for trying the gateway, testing applications offline and load tests. No key, no network. */
export function mockProvider(formats: MockFormats): ProviderDefinition {
  return {
    name: 'mock',
    routeTypes: MLFLOW_ROUTE_TYPES,
    options,
    check: checkOptions,
    create: (setup) => new Simulator(setup, formats),
  }
}
