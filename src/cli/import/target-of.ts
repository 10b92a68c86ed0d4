import type { Findings } from './findings.ts'

/** How another gateway calls a provider, and how this one does. */
const PROVIDERS: Readonly<Record<string, string>> = {
  openai: 'openai',
  azure: 'openai',
  anthropic: 'anthropic',
  gemini: 'gemini',
  google: 'gemini',
  vertex_ai: 'vertex-ai',
  'vertex-ai': 'vertex-ai',
  vertex: 'vertex-ai',
  bedrock: 'bedrock',
  cohere: 'cohere',
  cohere_chat: 'cohere',
  mistral: 'mistral',
  'mistral-ai': 'mistral',
  groq: 'groq',
  deepseek: 'deepseek',
  xai: 'xai',
  'x-ai': 'xai',
  openrouter: 'openrouter',
  perplexity: 'perplexity',
  'perplexity-ai': 'perplexity',
  cerebras: 'cerebras',
  together_ai: 'togetherai',
  'together-ai': 'togetherai',
  fireworks_ai: 'fireworks',
  'fireworks-ai': 'fireworks',
  ollama: 'ollama',
  ollama_chat: 'ollama',
  hosted_vllm: 'vllm',
  vllm: 'vllm',
  databricks: 'databricks',
  huggingface: 'huggingface-text-generation-inference',
  nvidia_nim: 'nvidia',
  sambanova: 'sambanova',
  moonshot: 'moonshot',
  dashscope: 'dashscope',
  voyage: 'voyage',
  jina_ai: 'jina',
  jina: 'jina',
}

/** Options of each provider do not begin with its name everywhere. */
const PREFIXES: Readonly<Record<string, string>> = {
  'vertex-ai': 'vertex',
  bedrock: 'bedrock',
  'openai-compatible': '',
  'huggingface-text-generation-inference': 'hf',
}

/** What is known of a model elsewhere. */
export interface ForeignModel {
  /** As the other gateway calls it. */
  readonly provider: string
  readonly model: string
  /** As written here: `$NAME`, or the text. */
  readonly apiKey?: string | undefined
  readonly apiBase?: string | undefined
  readonly apiVersion?: string | undefined
  readonly region?: string | undefined
}

/** A model as a route of this gateway has it. */
export function modelOf(foreign: ForeignModel, path: string, findings: Findings): Record<string, unknown> {
  const { provider: given, model, apiKey, apiBase, apiVersion, region } = foreign
  const provider = PROVIDERS[given] ?? 'openai-compatible'
  if (PROVIDERS[given] === undefined) {
    findings.add(
      path,
      `the provider "${given}" is not known here; it is taken for one with the API of OpenAI`,
    )
    if (apiBase === undefined) findings.add(path, 'has no address; write it as api_base')
  }
  const prefix = PREFIXES[provider] ?? provider.replaceAll('-', '_')
  const option = (name: string): string => (prefix === '' ? name : `${prefix}_${name}`)
  if (given === 'azure') return azure(foreign)
  if (apiVersion !== undefined) findings.add(path, 'the version of the API is chosen by the gateway')
  return {
    provider,
    name: model,
    config: {
      ...(apiKey !== undefined && provider !== 'bedrock' && { [option('api_key')]: apiKey }),
      ...(apiBase !== undefined && { [option('api_base')]: apiBase }),
      ...(region !== undefined && provider === 'bedrock' && { aws_config: { aws_region: region } }),
    },
  }
}

function azure({ model, apiKey, apiBase, apiVersion }: ForeignModel): Record<string, unknown> {
  return {
    provider: 'openai',
    name: model,
    config: {
      openai_api_type: 'azure',
      ...(apiKey !== undefined && { openai_api_key: apiKey }),
      ...(apiBase !== undefined && { openai_api_base: apiBase }),
      openai_deployment_name: model,
      openai_api_version: apiVersion ?? '2024-10-21',
    },
  }
}

/** A name as a route may have it. */
export function routeName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[.-]+/, '') || 'route'
}
