import { base } from './apis.js'

const POLL_MS = 2000
const MAX_PAGES = 100

/** The running gateway as the page knows it. `onChange(gateway)` is called whenever something is different. */
export class Gateway {
  routes = []
  invocationsShape = 'mlflow'
  version = ''
  reachable = undefined
  /** Why the configuration file as it is now is not in use. */
  configError = null
  #generation
  #known = ''
  #onChange
  #polling = false

  constructor(onChange) {
    this.#onChange = onChange
  }

  /** Looks again and again while the page is in sight, and at once when it comes back into sight. */
  async watch() {
    const look = () => document.hidden || this.#look()
    document.addEventListener('visibilitychange', look)
    window.addEventListener('focus', look)
    setInterval(look, POLL_MS)
    await this.#look()
  }

  async #look() {
    if (this.#polling) return
    this.#polling = true
    try {
      const { config } = await getJson('health?verbose')
      this.configError = config?.error ?? null
      if (config === undefined || config.generation !== this.#generation) await this.#read()
      this.#generation = config?.generation
      this.reachable = true
    } catch {
      this.reachable = false
    }
    this.#polling = false
    this.#tell()
  }

  async #read() {
    const [routes, { info }] = await Promise.all([readRoutes(), getJson('openapi.json')])
    this.routes = routes
    this.version = info.version
    this.invocationsShape = info['x-invocations-shape'] ?? 'mlflow'
  }

  #tell() {
    const { routes, invocationsShape, version, reachable, configError } = this
    const now = JSON.stringify({ routes, invocationsShape, version, reachable, configError })
    if (now === this.#known) return
    this.#known = now
    this.#onChange(this)
  }
}

async function readRoutes() {
  const routes = []
  let token = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = token === null ? '' : `?page_token=${encodeURIComponent(token)}`
    const { endpoints, next_page_token: next } = await getJson(`api/2.0/endpoints/${query}`)
    for (const { name, endpoint_type: type, model } of endpoints) routes.push({ name, type, model })
    if (next === null || next === undefined) break
    token = next
  }
  return routes
}

async function getJson(path) {
  const response = await fetch(new URL(path, base))
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return response.json()
}
