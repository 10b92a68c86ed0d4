/** JSON with line breaks; any other text as it is. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}

/** A command for a POSIX shell. */
export function curlOf({ url, body }: { url: string; body: string }): string {
  return [
    `curl ${quote(url)}`,
    `-H 'content-type: application/json'`,
    '-H "authorization: Bearer $GATEWAY_KEY"',
    `-d ${quote(body)}`,
  ].join(' \\\n  ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** How to call a route from one kind of client. */
export interface Snippet {
  readonly name: string
  readonly text: string
}

/** How to call a route; `url` is the gateway's. */
export function snippetsOf({
  route,
  type,
  url,
}: {
  route: string
  type: string | null
  url: string
}): Snippet[] {
  if (type === 'llm/v1/embeddings') return embeddings(route, url)
  return type === 'llm/v1/completions' ? completions(route, url) : chat(route, url)
}

function chat(route: string, url: string): Snippet[] {
  const name = JSON.stringify(route)
  return [
    {
      name: 'curl',
      text: curlOf({
        url: `${url}/v1/chat/completions`,
        body: JSON.stringify({ model: route, messages: [{ role: 'user', content: 'Hello' }] }),
      }),
    },
    {
      name: 'OpenAI, Python',
      text: `from openai import OpenAI

client = OpenAI(base_url="${url}/v1", api_key=os.environ["GATEWAY_KEY"])
answer = client.chat.completions.create(
    model=${name},
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`,
    },
    {
      name: 'OpenAI, TypeScript',
      text: `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${url}/v1', apiKey: process.env.GATEWAY_KEY })
const answer = await client.chat.completions.create({
  model: ${name},
  messages: [{ role: 'user', content: 'Hello' }],
})
console.log(answer.choices[0]?.message.content)`,
    },
    {
      name: 'Anthropic, Python',
      text: `from anthropic import Anthropic

client = Anthropic(base_url="${url}/anthropic", api_key=os.environ["GATEWAY_KEY"])
answer = client.messages.create(
    model=${name},
    max_tokens=500,
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.content[0].text)`,
    },
    {
      name: 'Gemini, Python',
      text: `from google import genai
from google.genai import types

client = genai.Client(
    api_key=os.environ["GATEWAY_KEY"],
    http_options=types.HttpOptions(base_url="${url}"),
)
answer = client.models.generate_content(model=${name}, contents="Hello")
print(answer.text)`,
    },
    {
      name: 'MLflow client',
      text: `from mlflow.deployments import get_deploy_client

client = get_deploy_client("${url}")
print(client.predict(
    endpoint=${name},
    inputs={"messages": [{"role": "user", "content": "Hello"}]},
))`,
    },
    {
      name: 'Vercel AI SDK',
      text: `import { createOpenAI } from '@ai-sdk/openai'
import { generateText } from 'ai'

const gateway = createOpenAI({ baseURL: '${url}/v1', apiKey: process.env.GATEWAY_KEY })
const { text } = await generateText({ model: gateway.chat(${name}), prompt: 'Hello' })
console.log(text)`,
    },
    {
      name: 'LangChain',
      text: `from langchain_openai import ChatOpenAI

model = ChatOpenAI(base_url="${url}/v1", api_key=os.environ["GATEWAY_KEY"], model=${name})
print(model.invoke("Hello").content)`,
    },
    {
      name: 'Claude Code',
      text: `export ANTHROPIC_BASE_URL=${url}/anthropic
export ANTHROPIC_AUTH_TOKEN=$GATEWAY_KEY
export ANTHROPIC_MODEL=${route}
claude`,
    },
    {
      name: 'Codex',
      text: `# ~/.codex/config.toml
model = ${name}
model_provider = "gateway"

[model_providers.gateway]
name = "MLflow Gateway"
base_url = "${url}/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"`,
    },
  ]
}

function completions(route: string, url: string): Snippet[] {
  return [
    {
      name: 'curl',
      text: curlOf({ url: `${url}/v1/completions`, body: JSON.stringify({ model: route, prompt: 'Hello' }) }),
    },
    {
      name: 'OpenAI, Python',
      text: `from openai import OpenAI

client = OpenAI(base_url="${url}/v1", api_key=os.environ["GATEWAY_KEY"])
print(client.completions.create(model=${JSON.stringify(route)}, prompt="Hello").choices[0].text)`,
    },
    {
      name: 'MLflow client',
      text: `from mlflow.deployments import get_deploy_client

client = get_deploy_client("${url}")
print(client.predict(endpoint=${JSON.stringify(route)}, inputs={"prompt": "Hello"}))`,
    },
  ]
}

function embeddings(route: string, url: string): Snippet[] {
  return [
    {
      name: 'curl',
      text: curlOf({ url: `${url}/v1/embeddings`, body: JSON.stringify({ model: route, input: 'Hello' }) }),
    },
    {
      name: 'OpenAI, Python',
      text: `from openai import OpenAI

client = OpenAI(base_url="${url}/v1", api_key=os.environ["GATEWAY_KEY"])
print(client.embeddings.create(model=${JSON.stringify(route)}, input="Hello").data[0].embedding)`,
    },
    {
      name: 'MLflow client',
      text: `from mlflow.deployments import get_deploy_client

client = get_deploy_client("${url}")
print(client.predict(endpoint=${JSON.stringify(route)}, inputs={"input": ["Hello"]}))`,
    },
  ]
}
