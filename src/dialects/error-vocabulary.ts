import type { ErrorKind } from '../core/error.ts'

/**
 * What providers call the failures that their status does not tell, in lower case and without punctuation:
 * `DeploymentNotFound` and `deployment_not_found` are one word.
 */
export const ERROR_WORDS: ReadonlyMap<string, ErrorKind> = new Map<string, ErrorKind>([
  ['contextlengthexceeded', 'context_window'],
  ['contextwindowexceeded', 'context_window'],
  ['exceedcontextsizeerror', 'context_window'], // llama.cpp
  ['toomanyprompttokens', 'context_window'], // Perplexity
  ['inputtoolarge', 'context_window'], // xAI

  ['contentfilter', 'content_policy'], // Azure
  ['contentpolicyviolation', 'content_policy'],
  ['responsibleaipolicyviolation', 'content_policy'], // Azure
  ['moderationblocked', 'content_policy'],
  ['imagecontentpolicyviolation', 'content_policy'],
  ['biopolicy', 'content_policy'],
  ['cyberpolicy', 'content_policy'],
  ['datainspectionfailed', 'content_policy'], // Alibaba
  ['publicerrorunsafegeneration', 'content_policy'], // Google
  ['prohibitedcontent', 'content_policy'], // Google

  ['modelnotfound', 'model_not_found'],
  ['deploymentnotfound', 'model_not_found'], // Azure
  ['unknownmodel', 'model_not_found'], // Azure
  ['invalidmodel', 'model_not_found'], // Mistral, Perplexity
  ['modelnotavailable', 'model_not_found'], // Together
  ['modelnotsupported', 'model_not_found'], // Hugging Face
  ['modeldecommissioned', 'model_not_found'], // Groq
  ['resourcenotfoundexception', 'model_not_found'], // Bedrock
  ['endpointnotfound', 'model_not_found'], // Databricks

  // No wait makes these better: the account has to be paid for.
  ['insufficientquota', 'auth'], // OpenAI, with 429
  ['billinghardlimitreached', 'auth'],
  ['billingnotactive', 'auth'],
  ['billingerror', 'auth'], // Anthropic
  ['exceededcurrentquotaerror', 'auth'], // Moonshot, with 429
  ['arrearage', 'auth'], // Alibaba, with 400
  ['insufficientbalance', 'auth'],
  ['invalidapikey', 'auth'],
  ['apikeyinvalid', 'auth'], // Google, with 400
  ['authenticationerror', 'auth'],

  ['overloaded', 'overloaded'], // TGI, with 429
  ['overloadederror', 'overloaded'], // Anthropic, also with 500
  ['serverisoverloaded', 'overloaded'],
  ['engineoverloadederror', 'overloaded'], // Moonshot, with 429
  ['capacityexceeded', 'overloaded'], // Groq
  ['queueexceeded', 'overloaded'], // Cerebras, with 429
  ['modelnotreadyexception', 'overloaded'], // Bedrock, with 429

  ['ratelimiterror', 'rate_limit'],
  ['ratelimitexceeded', 'rate_limit'],

  ['timeouterror', 'timeout'],
])

/** The same in the words of their messages, for providers that have no other. */
export const ERROR_PHRASES: readonly (readonly [ErrorKind, RegExp])[] = [
  // OpenAI, vLLM, DeepSeek, OpenRouter, Fireworks, Mistral, Anthropic, llama.cpp, Ollama, LM Studio, Cloudflare.
  [
    'context_window',
    /(?:maximum|exceed|greater|longer|surpass).{0,80}context[ _-](?:length|window|size|limit)/i,
  ],
  ['context_window', /context[ _-](?:length|window|size|limit).{0,40}exceed/i],
  // Anthropic, Bedrock, Perplexity.
  ['context_window', /\b(?:prompt|inputs?|messages) (?:is |are )?too long\b/i],
  // Gemini, Copilot; Vertex.
  ['context_window', /token count.{0,60}(?:exceeds|only supports)/i],
  ['context_window', /exceeds the maximum number of tokens/i],
  // Cohere, Mistral, Titan; Nova and OpenAI.
  ['context_window', /too many (?:input |prompt )?tokens|input tokens exceed/i],
  // xAI; Poolside.
  ['context_window', /maximum (?:prompt|allowed input) length|\[input_too_large\]/i],
  // TGI, TEI and Together, then vLLM, Moonshot, Alibaba, Zhipu, Voyage.
  ['context_window', /\binputs[`'"]? (?:tokens \+|must have less than)/i],
  ['context_window', /(?:longer than the maximum|exceeded) model (?:length|token limit)/i],
  ['context_window', /range of input length should be|prompt exceeds max length|max allowed tokens per/i],
  // Groq and Cerebras; Groq's 413 for a request that is larger than what a minute allows.
  ['context_window', /reduce the length of the (?:messages|prompt|input)|request too large for model/i],

  ['content_policy', /content (?:management|filtering) policy/i], // Azure, Anthropic
  ['content_policy', /(?:by|of) (?:our|the) (?:safety system|content filters)/i], // OpenAI, Bedrock
  ['content_policy', /violat\w+ (?:our |the )?usage (?:policy|policies|guidelines)/i], // OpenAI, xAI
  ['content_policy', /violates? .{0,40}responsible ai (?:policy|practices)/i], // Google
  ['content_policy', /content exists risk/i], // DeepSeek
  ['content_policy', /inappropriate content|unsafe or sensitive content/i], // Alibaba, Zhipu
  ['content_policy', /input was flagged/i], // OpenRouter

  ['auth', /(?:incorrect|invalid).{0,20}api key|api key (?:not valid|expired)/i], // xAI and Google, with 400
  ['auth', /credit balance is too low/i], // Anthropic, with 400
  ['auth', /insufficient (?:account )?balance/i], // Zhipu, with 429

  ['model_not_found', /^model: \S/], // Anthropic
  ['model_not_found', /^(?:invalid|unknown) model\b/i], // Mistral, Perplexity, Azure
  ['model_not_found', /\bmodels?\b.{0,120}\b(?:does not exist|not exist|not found)/i],
  ['model_not_found', /model identifier is invalid|valid model id|unable to access model/i], // Bedrock, OpenRouter
  ['model_not_found', /no endpoints found for/i], // OpenRouter
  ['model_not_found', /model version has reached the end|with on-demand throughput isn/i], // Bedrock
  ['model_not_found', /model \S{1,100} was deprecated|model \S{1,100} has been decommissioned/i], // xAI, Groq
  ['model_not_found', /given endpoint does not exist/i], // Databricks

  ['overloaded', /service tier capacity exceeded/i], // Mistral, with 429
  ['overloaded', /not ready (?:for|to serve) inference/i], // Bedrock, with 429
]
