import { DatabaseError, type RouteRow } from '../core/database.ts'
import { option } from '../core/options.ts'
import type { RouteListing } from '../core/route-listing.ts'
import type { Principal } from './access.ts'
import type { TargetReport } from './contract.ts'
import { AdminError, notFound } from './errors.ts'
import { auditOf } from './objects.ts'
import { pageParameters, pageSchema, readPage, writePage } from './paging.ts'
import type { ControlPlane, JsonAnswer, Resource } from './resource.ts'
import { listing } from './route-schema.ts'
import { mapOf, orNull, time } from './schemas.ts'
import { toTime } from './times.ts'

const PATH = '/admin/routes'

const definition = mapOf(true, {
  description:
    'As the route would stand in the file, in JSON. Credentials are named as `secret:NAME`; it holds none itself.',
  examples: [
    {
      type: 'llm/v1/chat',
      model: { provider: 'openai', name: 'gpt-4o', config: { openai_api_key: 'secret:openai' } },
    },
  ],
})

const name = option.string({
  description: 'The name in URLs: letters, digits, "_", "." and "-".',
  pattern: '^(?!\\.{1,2}$)[A-Za-z0-9_.-]+$',
  maxLength: 200,
})

const summary = option.object({
  ...listing.properties,
  health: orNull(
    option.oneOf(['ok', 'degraded', 'down'], {
      description: 'Whether all, some or none of its own targets take requests; null without any.',
    }),
  ),
  targets: option.list(
    option.object({
      target: option.string(),
      breaker: option.oneOf(['closed', 'open', 'half-open']),
      coolsForMs: option.number({ description: 'For how long it is spared because it said "too many".' }),
      inFlight: option.integer(),
      requests: option.integer(),
      failures: option.integer(),
    }),
    { description: 'Its own targets, of all workers together.' },
  ),
})

const whole = option.object({
  ...summary.properties,
  definition: orNull({
    ...definition,
    description: "Null for one of the file, whose text is nobody's here.",
  }),
  createdAt: orNull(time()),
  updatedAt: orNull(time()),
})

const list: Resource = {
  method: 'GET',
  path: PATH,
  access: 'read',
  summary: 'All routes by name, of the file and of the store, with their state',
  query: option.object(pageParameters),
  answer: pageSchema(summary),
  async handle({ query }, plane) {
    const { limit, after } = readPage(query)
    const reports = await plane.targets()
    const sorted = plane.routes.list().toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
    const rest = after === undefined ? sorted : sorted.filter((route) => placeOf(route) > readPlace(after))
    const rows = rest.slice(0, limit)
    const last = rows.at(-1)
    const next = last && rest.length > limit ? { next: Buffer.from(placeOf(last)).toString('base64url') } : {}
    return { body: writePage({ rows, ...next }, (route) => summarise(route, reports)) }
  },
}

/** By name; of two of one name, the file's first. */
function placeOf({ name: of, origin }: RouteListing): string {
  return `${of} ${origin.kind}`
}

function readPlace(after: string): string {
  const place = Buffer.from(after, 'base64url').toString()
  if (/^[\w.-]+ (file|store)$/.test(place)) return place
  throw new DatabaseError('invalid', 'the cursor is not one that a page gave')
}

function summarise(route: RouteListing, reports: readonly TargetReport[]): Record<string, unknown> {
  const isUsed = route.state !== 'shadowed' && route.state !== 'invalid'
  const own = isUsed ? reports.filter((report) => report.route === route.name) : []
  const targets = own.map(({ target, breaker, coolsForMs, inFlight, requests, failures }) => ({
    target,
    breaker,
    coolsForMs,
    inFlight,
    requests,
    failures,
  }))
  return { ...route, health: healthOf(own), targets }
}

function healthOf(reports: readonly TargetReport[]): 'ok' | 'degraded' | 'down' | null {
  if (reports.length === 0) return null
  const healthy = reports.filter(({ breaker, coolsForMs }) => breaker === 'closed' && coolsForMs === 0).length
  if (healthy === reports.length) return 'ok'
  return healthy > 0 ? 'degraded' : 'down'
}

const one: Resource = {
  method: 'GET',
  path: `${PATH}/:id`,
  access: 'read',
  summary: 'One route; of two of one name, the one of the store',
  answer: whole,
  async handle({ id }, plane) {
    const row = await plane.database.routes.get(id)
    if (row) return answer(row, plane, plane.routes.list())
    const inFile = plane.routes.list().find((route) => route.name === id && route.origin.kind === 'file')
    if (!inFile) throw notFound('route')
    const nothing = { definition: null, createdAt: null, updatedAt: null }
    return { body: { ...summarise(inFile, await plane.targets()), ...nothing } }
  },
}

const create: Resource = {
  method: 'POST',
  path: PATH,
  access: 'admin',
  summary: 'Make a route in the store; within five seconds every gateway of the database serves it',
  status: 201,
  isChecked: true,
  body: option.object({ name, definition }),
  answer: whole,
  async handle({ principal, body }, plane) {
    const given = { id: body.text('name') ?? '', definition: body.object('definition') ?? {} }
    const routes = await check(given, plane)
    const row = await plane.database.routes.create(given, auditOf('route', principal, 'create'))
    return answer(row, plane, routes)
  },
}

const replace: Resource = {
  method: 'PUT',
  path: `${PATH}/:id`,
  access: 'admin',
  summary: 'Give a route of the store another definition',
  needsVersion: true,
  isChecked: true,
  body: option.object({ definition }),
  answer: whole,
  async handle({ principal, id, version, body }, plane) {
    await mustBeStored(id, plane)
    const given = { id, definition: body.object('definition') ?? {} }
    const routes = await check(given, plane)
    const row = await plane.database.routes.update(
      { id, version },
      given,
      auditOf('route', principal, 'update'),
    )
    if (!row) throw notFound('route')
    return answer(row, plane, routes)
  },
}

const remove: Resource = {
  method: 'DELETE',
  path: `${PATH}/:id`,
  access: 'admin',
  summary: 'Delete a route of the store',
  needsVersion: true,
  answer: option.object({ deleted: option.boolean() }),
  async handle({ principal, id, version }, plane) {
    await mustBeStored(id, plane)
    mustBreakNone(await plane.routes.preview(id, undefined), id, plane)
    if (!(await deleteRow({ id, version }, principal, plane))) throw notFound('route')
    return { body: { deleted: true } }
  },
}

function deleteRow(
  at: { readonly id: string; readonly version: number },
  principal: Principal,
  { database }: ControlPlane,
): Promise<boolean> {
  return database.routes.delete(at, auditOf('route', principal, 'delete'))
}

async function mustBeStored(id: string, { database, routes }: ControlPlane): Promise<void> {
  if (await database.routes.get(id)) return
  if (!routes.list().some((route) => route.name === id)) throw notFound('route')
  throw new AdminError('conflict', 'The route stands in the file; change it there.')
}

/** Refuses a definition with which the route, or another, would not work. Gives the routes as they will be. */
async function check(
  { id, definition: given }: Pick<RouteRow, 'id' | 'definition'>,
  plane: ControlPlane,
): Promise<readonly RouteListing[]> {
  const routes = await plane.routes.preview(id, given)
  const mine = storedOf(id, routes)
  if (mine?.state === 'shadowed') {
    throw new AdminError('conflict', 'The file has a route of this name, which is used; choose another name.')
  }
  if (mine?.state !== 'ready' && mine?.state !== 'partial' && mine?.state !== 'unusable') {
    const issues = mine?.issues ?? []
    const lines = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    throw new AdminError('invalid', `The route would not work: ${lines.join('; ')}.`, issues)
  }
  mustBreakNone(routes, id, plane)
  return routes
}

function mustBreakNone(next: readonly RouteListing[], id: string, { routes }: ControlPlane): void {
  const wasInvalid = new Set(
    routes.list().flatMap(({ name: of, state }) => (state === 'invalid' ? [of] : [])),
  )
  const broken = next.filter(({ name: of, state }) => state === 'invalid' && of !== id && !wasInvalid.has(of))
  if (broken.length === 0) return
  const names = broken.map(({ name: of }) => of).join(', ')
  throw new AdminError('conflict', `Other routes lead to this one, and would not work any more: ${names}.`)
}

function storedOf(id: string, routes: readonly RouteListing[]): RouteListing | undefined {
  return routes.find(({ name: of, origin }) => of === id && origin.kind === 'store')
}

async function answer(
  { id, version, definition: given, createdAt, updatedAt }: RouteRow,
  plane: ControlPlane,
  routes: readonly RouteListing[],
): Promise<JsonAnswer> {
  // One that another gateway has just made is not known here yet.
  const known = storedOf(id, routes) ?? storedOf(id, await plane.routes.preview(id, given))
  if (!known) throw notFound('route')
  const route: RouteListing = { ...known, origin: { kind: 'store', version } }
  const times = { createdAt: toTime(createdAt), updatedAt: toTime(updatedAt) }
  return { version, body: { ...summarise(route, await plane.targets()), definition: given, ...times } }
}

/** Routes: of the file, which are shown, and of the store, which are changed here. */
export const routes: readonly Resource[] = [list, create, one, replace, remove]
