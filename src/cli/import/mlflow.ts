import { asArray, asObject, omit, type JsonObject } from '../../core/json.ts'
import { Findings, type Imported } from './findings.ts'

const OLD = new Set(['name', 'type', 'endpoint_type', 'route_type'])

/** A configuration of MLflow's own gateway, 2.5 to 3.x, which is read here as it is: the same in today's words. */
export function fromMlflow(file: JsonObject): Imported {
  const findings = new Findings()
  const routes = [...asArray(file['routes']), ...asArray(file['endpoints'])].map(asObject)
  findings.leftOver(file, ['routes', 'endpoints'], { path: '' })
  return { config: { routes: routes.map(inWordsOfToday) }, findings: findings.list }
}

function inWordsOfToday(route: JsonObject): JsonObject {
  const type = route['type'] ?? route['endpoint_type'] ?? route['route_type'] ?? null
  return { name: route['name'] ?? null, type, ...omit(route, OLD) }
}
