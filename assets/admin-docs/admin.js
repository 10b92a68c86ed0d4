import { element } from '../docs/dom.js'

/** The page of the admin API: every method of every path, as openapi.json has it, to read and to try. */
const main = document.querySelector('#operations')
const secret = document.querySelector('#secret')
const problem = document.querySelector('#problem')

const answer = await fetch('openapi.json')
if (answer.ok) show(await answer.json())
else tell(`openapi.json: ${answer.status}`)

function tell(text) {
  problem.textContent = text
  problem.hidden = false
}

function show({ info, tags, paths }) {
  document.querySelector('#version').textContent = info.version
  for (const { name } of tags) {
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation.tags.includes(name))
        .map(([method, operation]) => section(method.toUpperCase(), path, operation)),
    )
    main.append(element('section', {}, element('h2', {}, name), ...operations))
  }
}

function section(method, path, operation) {
  const { summary, description, parameters, requestBody, responses, 'x-roles': roles } = operation
  const body = requestBody?.content['application/json'].schema
  const [status, success] = Object.entries(responses).find(([code]) => code.startsWith('2'))
  const schema = Object.values(success.content)[0].schema
  return element(
    'details',
    { id: operation.operationId },
    element(
      'summary',
      {},
      element('span', { class: 'method' }, method),
      element('span', { class: 'path' }, path),
      element('span', { class: 'muted' }, summary),
    ),
    element(
      'div',
      {},
      element('p', {}, description ?? '', element('span', { class: 'muted' }, `For: ${roles.join(', ')}.`)),
      parameters.length > 0 ? fields('Parameters', parameters.map(fromParameter)) : undefined,
      body ? fields('Body', fromSchema(body)) : undefined,
      fields(`Answer ${status}`, fromSchema(schema.properties?.items?.items ?? schema)),
      element('p', { class: 'muted' }, `Refusals: ${refusals(responses)}`),
      tryIt(method, path, { parameters, body }),
    ),
  )
}

function refusals(responses) {
  return Object.keys(responses)
    .filter((code) => !code.startsWith('2'))
    .join(', ')
}

function fromParameter({ name, in: place, required, schema, description = '' }) {
  return { name: `${name} (${place})`, type: typeOf(schema), required, description }
}

function fromSchema({ properties = {}, required = [], description = '' }) {
  const rows = Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeOf(schema),
    required: required.includes(name),
    description: schema.description ?? '',
  }))
  return rows.length > 0 ? rows : [{ name: '', type: 'any', required: false, description }]
}

function typeOf({ type, enum: words, items }) {
  if (words) return words.map(String).join(' | ')
  const name = Array.isArray(type) ? type.join(' | ') : (type ?? 'any')
  return items?.type ? `${name} of ${typeOf(items)}` : name
}

function fields(title, rows) {
  const cells = rows.map(({ name, type, required, description }) =>
    element(
      'tr',
      {},
      element('td', {}, element('code', {}, name), required ? ' *' : ''),
      element('td', { class: 'muted' }, type),
      element('td', {}, description),
    ),
  )
  return element('div', {}, element('h3', {}, title), element('table', {}, element('tbody', {}, ...cells)))
}

function tryIt(method, path, { parameters, body }) {
  const inputs = parameters.map(({ name }) => [
    name,
    element('input', { autocomplete: 'off', spellcheck: 'false' }),
  ])
  const text = body ? element('textarea', { rows: '6', spellcheck: 'false' }, '{}') : undefined
  const output = element('pre', { hidden: true })
  const send = async () => {
    output.hidden = false
    output.textContent = '...'
    output.textContent = await request(method, address(path, parameters, inputs), { inputs, text }).catch(
      String,
    )
  }
  return element(
    'div',
    {},
    element('h3', {}, 'Try it'),
    ...inputs.map(([name, input]) => element('label', { class: 'field' }, element('span', {}, name), input)),
    text ? element('label', { class: 'field' }, element('span', {}, 'Body'), text) : undefined,
    element('button', { type: 'button', click: send }, `Send ${method}`),
    output,
  )
}

function address(path, parameters, inputs) {
  const values = new Map(inputs.map(([name, input]) => [name, input.value]))
  const query = new URLSearchParams()
  for (const { name, in: place } of parameters) {
    if (place === 'query' && values.get(name) !== '') query.set(name, values.get(name))
  }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values.get(name) ?? ''))
  return query.size > 0 ? `${filled}?${query}` : filled
}

async function request(method, url, { inputs, text }) {
  const version = inputs.find(([name]) => name === 'If-Match')?.[1].value
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${secret.value}`,
      ...(text && { 'content-type': 'application/json' }),
      ...(version && { 'if-match': version }),
    },
    body: text?.value,
  })
  const head = `${response.status} ${response.headers.get('etag') ?? ''}`
  const told = await response.text()
  const isJson = response.headers.get('content-type') === 'application/json'
  return `${head}\n${isJson ? JSON.stringify(JSON.parse(told), null, 2) : told}`
}
