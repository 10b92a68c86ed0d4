export { MlflowGatewayClient } from './client.ts'
export type { CallOptions, OtherRequest, RoutePage, SearchRoutesOptions } from './client.ts'
export { GatewayConnectionError, GatewayRequestError, GatewayTimeoutError } from './errors.ts'
export type { GatewayRequestErrorOptions } from './errors.ts'
export {
  createRoute,
  deleteRoute,
  getGatewayUri,
  getRoute,
  query,
  queryStream,
  searchRoutes,
  setGatewayUri,
} from './fluent.ts'
export type { ClientOptions } from './options.ts'
export type * from './wire.ts'
