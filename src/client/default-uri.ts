import { environmentVariable } from './environment.ts'

let chosen: string | undefined

/** Sets the URI of all clients made without one from now on. */
export function setDefaultUri(uri: string): void {
  chosen = uri
}

/** The URI that was set, else `MLFLOW_GATEWAY_URI`. Throws a `TypeError` when there is neither. */
export function defaultUri(): string {
  const uri = chosen ?? environmentVariable('MLFLOW_GATEWAY_URI')
  if (uri) return uri
  throw new TypeError(
    'No gateway URI: call setGatewayUri, give gatewayUri to the client or set MLFLOW_GATEWAY_URI, ' +
      'for example to "http://localhost:5000".',
  )
}
