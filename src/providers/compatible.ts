import type { Reasoning } from '../core/request.ts'
import { budgetOf, effortOf, wantsThinking } from '../core/reasoning.ts'
import type { JsonObject } from '../core/json.ts'
import type { CompatibleRow } from './compatible-provider.ts'

/**
 * Providers that speak OpenAI's API at their own address. To add one, add a row: nothing else is needed.
 * What a row leaves out, and its defaults, are told at `CompatibleRow`.
 */
export const compatibleRows: readonly CompatibleRow[] = [
  {
    // https://console.groq.com/docs/openai
    name: 'groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    speaks: ['chat', 'responses'],
    forwards: ['transcription', 'translation', 'speech'],
    lacks: ['candidates', 'logitBias', 'logprobs'],
  },
  {
    // https://docs.together.ai/docs/openai-api-compatibility
    name: 'togetherai',
    aliases: ['together'],
    baseUrl: 'https://api.together.xyz/v1',
    speaks: ['chat', 'embeddings', 'rerank'],
    forwards: ['image-generation', 'speech', 'transcription', 'translation'],
    takesTopK: true,
  },
  {
    // https://docs.fireworks.ai/tools-sdks/openai-compatibility
    name: 'fireworks',
    aliases: ['fireworks-ai'],
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    speaks: ['chat', 'embeddings', 'responses', 'messages'],
    thinkingName: 'reasoning_content',
    takesTopK: true,
  },
  {
    // https://api-docs.deepseek.com
    name: 'deepseek',
    baseUrl: 'https://api.deepseek.com',
    speaks: ['chat', 'responses', 'messages'],
    paths: { messages: '/anthropic/v1/messages' },
    thinking: (reasoning) => ({ ...thinkingSwitch(reasoning), ...effortMember(reasoning) }),
    thinkingName: 'reasoning_content',
  },
  {
    // https://docs.x.ai/docs/api-reference
    name: 'xai',
    baseUrl: 'https://api.x.ai/v1',
    speaks: ['chat', 'responses'],
    forwards: ['image-generation', 'image-edit'],
    lacks: ['logitBias'],
  },
  {
    // https://openrouter.ai/docs/api-reference/overview
    name: 'openrouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    speaks: ['chat', 'embeddings', 'responses', 'messages', 'rerank'],
    headers: {
      openrouter_referer: {
        header: 'http-referer',
        description: "The application's own address, for OpenRouter's rankings.",
      },
      openrouter_title: { header: 'x-title', description: "The application's name there." },
    },
    thinking: (reasoning) => ({ reasoning: openRouterReasoning(reasoning) }),
    thinkingName: 'reasoning',
    takesCacheMarks: true,
    takesTopK: true,
    sendsMedia: true,
  },
  {
    // https://docs.perplexity.ai (its /v1/responses is another product, with models of its own)
    name: 'perplexity',
    baseUrl: 'https://api.perplexity.ai',
    speaks: ['chat', 'perplexityEmbeddings'],
    paths: { perplexityEmbeddings: 'v1/embeddings' },
    lacks: ['tools', 'toolChoice', 'parallelToolCalls', 'candidates', 'logitBias', 'logprobs', 'seed'],
    sendsUsage: true,
    takesTopK: true,
  },
  {
    // https://inference-docs.cerebras.ai/resources/openai
    name: 'cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    speaks: ['chat'],
    lacks: ['frequencyPenalty', 'presencePenalty', 'logitBias'],
  },
  {
    // https://docs.vllm.ai/en/stable/serving/online_serving
    name: 'vllm',
    exampleUrl: 'http://127.0.0.1:8000/v1',
    isSelfHosted: true,
    speaks: ['chat', 'embeddings', 'responses', 'messages', 'rerank'],
    forwards: ['transcription', 'translation'],
    takesTopK: true,
  },
  {
    // https://lmstudio.ai/docs/developer/openai-compat
    name: 'lm-studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    isSelfHosted: true,
    speaks: ['chat', 'embeddings', 'responses', 'messages'],
    takesTopK: true,
  },
  {
    // https://docs.api.nvidia.com/nim/reference/llm-apis
    name: 'nvidia',
    aliases: ['nvidia-nim'],
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    speaks: ['chat', 'embeddings'],
    purposes: { member: 'input_type', words: { search_query: 'query', search_document: 'passage' } },
  },
  {
    // https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility (responses: for few models)
    name: 'cloudflare',
    aliases: ['workers-ai'],
    baseUrl: 'https://api.cloudflare.com/client/v4/accounts/{cloudflare_account_id}/ai/v1',
    urlOptions: { cloudflare_account_id: 'The id of the account, which stands in the URL.' },
    speaks: ['chat', 'embeddings'],
  },
  {
    // https://docs.sambanova.ai/docs/en/features/openai-compatibility
    name: 'sambanova',
    baseUrl: 'https://api.sambanova.ai/v1',
    speaks: ['chat', 'embeddings', 'messages'],
    takesTopK: true,
  },
  {
    // https://platform.kimi.ai/docs/api/overview
    name: 'moonshot',
    aliases: ['moonshot-ai', 'kimi'],
    baseUrl: 'https://api.moonshot.ai/v1',
    speaks: ['chat', 'responses', 'messages'],
    paths: { messages: '/anthropic/v1/messages' },
    thinking: thinkingSwitch,
    thinkingName: 'reasoning_content',
  },
  {
    // https://docs.z.ai/guides/develop/openai/python
    name: 'zai',
    aliases: ['z-ai'],
    baseUrl: 'https://api.z.ai/api/paas/v4',
    speaks: ['chat', 'messages'],
    paths: { messages: '/api/anthropic/v1/messages' },
    thinking: thinkingSwitch,
    thinkingName: 'reasoning_content',
  },
  {
    // https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope
    name: 'dashscope',
    aliases: ['alibaba', 'qwen'],
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    speaks: ['chat', 'embeddings'],
    thinking: (reasoning) => ({ enable_thinking: wantsThinking(reasoning), ...budgetMember(reasoning) }),
    takesCacheMarks: true,
    takesTopK: true,
  },
  {
    // https://docs.voyageai.com/reference/embeddings-api
    name: 'voyage',
    aliases: ['voyage-ai', 'voyageai'],
    baseUrl: 'https://api.voyageai.com/v1',
    speaks: ['voyageEmbeddings', 'voyageRerank'],
  },
  {
    // https://api.jina.ai/scalar
    name: 'jina',
    aliases: ['jina-ai'],
    baseUrl: 'https://api.jina.ai/v1',
    speaks: ['embeddings', 'rerank'],
    purposes: {
      member: 'task',
      words: {
        search_query: 'retrieval.query',
        search_document: 'retrieval.passage',
        classification: 'classification',
        clustering: 'separation',
      },
    },
  },
]

/** `thinking: {type}`, which knows on and off only. */
function thinkingSwitch(reasoning: Reasoning): JsonObject {
  return { thinking: { type: wantsThinking(reasoning) ? 'enabled' : 'disabled' } }
}

function effortMember(reasoning: Reasoning): JsonObject {
  const effort = effortOf(reasoning)
  return effort === undefined || effort === 'none' ? {} : { reasoning_effort: effort }
}

function budgetMember(reasoning: Reasoning): JsonObject {
  const budget = budgetOf(reasoning)
  return budget === undefined || budget === 0 ? {} : { thinking_budget: budget }
}

/** Source: https://openrouter.ai/docs/use-cases/reasoning-tokens */
function openRouterReasoning(reasoning: Reasoning): JsonObject {
  if (reasoning.budgetTokens) return { max_tokens: reasoning.budgetTokens }
  const effort = effortOf(reasoning)
  return effort === undefined ? { enabled: wantsThinking(reasoning) } : { effort }
}
