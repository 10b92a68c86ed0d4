/** The same call in three languages. `call` is `{api, shape, url, base, route, body}`. */
export const LANGUAGES = [
  { id: 'curl', label: 'curl', write: writeCurl },
  { id: 'typescript', label: 'TypeScript', write: writeTypeScript },
  { id: 'python', label: 'Python', write: writePython },
]

function writeCurl({ url, body }) {
  const unbuffered = body.stream ? '-N ' : ''
  return [
    `curl ${unbuffered}${shellQuote(url)} \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${shellQuote(JSON.stringify(body, null, 2))}`,
  ].join('\n')
}

function writeTypeScript(call) {
  // The client speaks the path of MLflow 2.5 to 2.8.
  if (call.api.id !== 'gateway') return writeFetch(call)
  const { route, body } = call
  const { stream, ...data } = body
  // Chunks are the same in both shapes; whole answers are not.
  const type = call.shape === 'openai' && !stream ? `<OpenAi${replyName(body)}Response>` : ''
  const imported = type === '' ? '' : `, type ${type.slice(1, -1)}`
  const head = [
    `import { MlflowGatewayClient${imported} } from 'mlflow-gateway'`,
    '',
    `const gateway = new MlflowGatewayClient(${JSON.stringify(gatewayUri(call))})`,
  ]
  const values = `${JSON.stringify(route)}, ${JSON.stringify(data, null, 2)}`
  if (!stream)
    return [...head, `const reply = await gateway.query${type}(${values})`, 'console.log(reply)'].join('\n')
  return [
    ...head,
    `const chunks = gateway.queryStream(${values})`,
    'for await (const chunk of chunks) {',
    "  process.stdout.write(chunk.choices[0]?.delta.content ?? '')",
    '}',
  ].join('\n')
}

function replyName({ messages, prompt }) {
  if (messages) return 'Chat'
  return prompt === undefined ? 'Embeddings' : 'Completions'
}

function writeFetch({ url, body }) {
  const lines = [
    `const response = await fetch(${JSON.stringify(url)}, {`,
    "  method: 'POST',",
    "  headers: { 'content-type': 'application/json' },",
    `  body: JSON.stringify(${indent(JSON.stringify(body, null, 2))}),`,
    '})',
    'if (!response.ok) throw new Error(await response.text())',
  ]
  if (!body.stream) return [...lines, 'console.log(await response.json())'].join('\n')
  return [
    ...lines,
    'for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {',
    '  process.stdout.write(text)',
    '}',
  ].join('\n')
}

function writePython(call) {
  const { api, body } = call
  if (body.stream) return writePythonStream(call)
  if (api.id === 'gateway' && call.shape === 'mlflow') return writePythonGateway(call)
  if (api.id === 'seed') return writePythonRequests(call)
  return [
    '# pip install "mlflow>=2.9"',
    'from mlflow.deployments import get_deploy_client',
    '',
    `client = get_deploy_client(${JSON.stringify(gatewayUri(call))})`,
    'reply = client.predict(',
    `    endpoint=${JSON.stringify(call.route)},`,
    `    inputs=${indent(python(body), 4)},`,
    ')',
    'print(reply)',
  ].join('\n')
}

function writePythonGateway(call) {
  return [
    '# pip install "mlflow[gateway]>=2.5,<2.9"',
    'from mlflow.gateway import query, set_gateway_uri',
    '',
    `set_gateway_uri(${JSON.stringify(gatewayUri(call))})`,
    'reply = query(',
    `    route=${JSON.stringify(call.route)},`,
    `    data=${indent(python(call.body), 4)},`,
    ')',
    'print(reply)',
  ].join('\n')
}

/** The first gateway's path has no client in any release of mlflow. */
function writePythonRequests({ url, body }) {
  return [
    'import requests',
    '',
    'response = requests.post(',
    `    ${JSON.stringify(url)},`,
    `    json=${indent(python(body), 4)},`,
    ')',
    'print(response.json())',
  ].join('\n')
}

/** MLflow's clients read whole answers only. */
function writePythonStream({ url, body }) {
  return [
    "# mlflow's clients read whole answers; requests reads a stream.",
    'import json',
    'import requests',
    '',
    'response = requests.post(',
    `    ${JSON.stringify(url)},`,
    `    json=${indent(python(body), 4)},`,
    '    stream=True,',
    ')',
    'response.raise_for_status()',
    'for line in response.iter_lines():',
    '    if line.startswith(b"data: "):',
    '        event = json.loads(line[6:])',
    '        for choice in event.get("choices", []):',
    '            print(choice["delta"].get("content") or "", end="", flush=True)',
  ].join('\n')
}

function gatewayUri({ base }) {
  return base.replace(/\/$/, '')
}

/** A JSON value as a Python literal; JSON's strings are Python's as well. */
function python(value, depth = 0) {
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value !== 'object') return JSON.stringify(value)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Array.isArray(value)
    ? value.map((item) => python(item, depth + 1))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${python(item, depth + 1)}`)
  if (parts.length === 0) return open + close
  const pad = '    '.repeat(depth + 1)
  return `${open}\n${parts.map((part) => `${pad}${part},`).join('\n')}\n${'    '.repeat(depth)}${close}`
}

function shellQuote(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** All lines but the first moved right. */
function indent(text, by = 2) {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`)
}
