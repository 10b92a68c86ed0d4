import { createChatPanel } from './chat-panel.js'
import { createCompletionsPanel } from './completions-panel.js'
import { element } from './dom.js'
import { createEmbeddingsPanel } from './embeddings-panel.js'
import { Gateway } from './gateway.js'
import { createOtherPanel } from './other-panel.js'

const PANELS = {
  'llm/v1/chat': createChatPanel,
  'llm/v1/completions': createCompletionsPanel,
  'llm/v1/embeddings': createEmbeddingsPanel,
}
/** From this many routes on there is a field to find one. */
const FILTER_FROM = 8

const at = (id) => document.getElementById(id)
const gateway = new Gateway(render)
/** By name and type, so that a conversation is still there when its route is chosen again. */
const panels = new Map()
/** The panel in sight, as `{key, name}`. */
let shown

window.addEventListener('hashchange', renderRoutes)
at('filter').addEventListener('input', renderRoutes)
await gateway.watch()

function render() {
  const { routes, reachable, configError, version } = gateway
  at('version').textContent = version
  at('status').textContent = statusText()
  at('status').classList.toggle('bad', !reachable)
  at('problem').hidden = configError === null
  at('problem').textContent =
    configError === null
      ? ''
      : `The configuration file has an error, so the one before it stays in use: ${configError}`
  at('filter-field').hidden = routes.length < FILTER_FROM
  for (const { query } of panels.values()) query.refresh()
  renderRoutes()
}

function statusText() {
  const { routes, reachable } = gateway
  if (!reachable) return 'The gateway does not answer. Trying again.'
  return `Live, ${routes.length} ${routes.length === 1 ? 'route' : 'routes'}`
}

function renderRoutes() {
  const route = chosenRoute()
  const wanted = at('filter').value.trim().toLowerCase()
  const listed = gateway.routes.filter(({ name, type, model }) =>
    `${name} ${type} ${model.name ?? ''} ${model.provider}`.toLowerCase().includes(wanted),
  )
  const focused = at('routes').contains(document.activeElement) ? document.activeElement.hash : undefined
  at('routes').replaceChildren(...listed.map((entry) => routeItem(entry, entry === route)))
  for (const link of at('routes').querySelectorAll('a')) if (link.hash === focused) link.focus()
  renderPanel(route)
}

function routeItem({ name, type, model }, current) {
  const link = element(
    'a',
    { href: hashOf(name), 'aria-current': current ? 'page' : undefined },
    element('strong', {}, name),
    element('span', { class: 'muted' }, shortType(type)),
    element('span', { class: 'muted model' }, modelText(model)),
  )
  return element('li', {}, link)
}

function renderPanel(route) {
  if (!route) {
    shown = undefined
    at('panel').replaceChildren(nothingView())
    return
  }
  const { name, type, model } = route
  const key = `${name} ${type}`
  if (!panels.has(key)) panels.set(key, createRoutePanel(route))
  const panel = panels.get(key)
  panel.model.textContent = modelText(model)
  if (shown?.key === key) return
  shown = { key, name }
  panel.query.refresh()
  at('panel').replaceChildren(panel.node)
  document.title = `${name} - MLflow Gateway API`
}

function createRoutePanel(route) {
  const model = element('span')
  const { node: body, query } = (PANELS[route.type] ?? createOtherPanel)(route, gateway)
  const head = element(
    'header',
    { class: 'route-head' },
    element('h2', {}, route.name),
    element('p', { class: 'muted' }, element('code', {}, route.type), ' ', model),
  )
  return { node: element('div', {}, head, body), model, query }
}

function nothingView() {
  if (!gateway.reachable) return element('p', { class: 'muted empty' }, 'Waiting for the gateway.')
  const name = addressedName()
  const text =
    name === undefined
      ? 'No route is configured yet. Add one to the configuration file; it shows up here when the file is saved.'
      : `There is no route named ${name} now. If the configuration file gets one, it shows up here.`
  return element('p', { class: 'muted empty' }, text)
}

/** The route that the address names; without one, that which is shown, or the first. */
function chosenRoute() {
  const find = (wanted) => gateway.routes.find(({ name }) => name === wanted)
  const named = addressedName()
  return named === undefined ? (find(shown?.name) ?? gateway.routes[0]) : find(named)
}

/** `#/name` chooses a route; other fragments are places in the page. */
function addressedName() {
  if (!location.hash.startsWith('#/')) return undefined
  try {
    return decodeURIComponent(location.hash.slice(2))
  } catch {
    return location.hash.slice(2)
  }
}

function hashOf(name) {
  return `#/${encodeURIComponent(name)}`
}

function shortType(type) {
  return type.replace('llm/v1/', '')
}

function modelText({ name, provider }) {
  return name === null ? provider : `${name} (${provider})`
}
