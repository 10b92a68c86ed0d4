import { expect } from 'vitest'
import { asArray, asObject, asString } from '../../src/core/json.ts'

/** What the gateway answers where MLflow's server answered otherwise. */
export interface IntendedAnswer {
  /** Why. */
  reason: string
  expect: {
    status: number
    /** Beside `content-type: application/json` where there is a body, or instead of it. */
    headers?: Record<string, string>
    /** The exact body, in this order of keys; an empty string is no body. */
    body?: unknown
    /** Where the body cannot be given exactly; the recorded body is there to compare. */
    check?(body: string, recorded: string): void
  }
}

const WRONG_CREDENTIAL: IntendedAnswer = {
  reason:
    "A provider's 401 is about the operator's key, not the caller's, and its text may show part of that key.",
  expect: {
    status: 502,
    body: {
      detail:
        "The provider 'openai' refused the gateway's own credential or account (HTTP 401). Nothing is wrong with your request: ask the operator of this gateway to check the key of this route and the account behind it.",
    },
  },
}

const ERROR_TEXT: IntendedAnswer = {
  reason: 'MLflow crashed on an error that is a plain string; status and text are handed on instead.',
  expect: { status: 400, body: { detail: 'plain string' } },
}

const UNSUPPORTED_TEXT: IntendedAnswer = {
  reason: "MLflow crashed on a provider's answer that is not JSON; it is the provider's fault, so 502.",
  expect: { status: 502, body: unsupported('text/plain') },
}

const UNSUPPORTED_HTML: IntendedAnswer = {
  reason: 'MLflow 2.5 crashed on an HTML error page; this is what 2.8 answers.',
  expect: { status: 502, body: unsupported('text/html') },
}

const ANY_FINISH_REASON: IntendedAnswer = {
  reason: 'MLflow before 2.9 crashed on a finish reason that it did not know; reasons pass through.',
  expect: {
    status: 200,
    body: {
      candidates: [
        { message: { role: 'assistant', content: 'x' }, metadata: { finish_reason: 'content_filter' } },
      ],
      metadata: {
        input_tokens: 1,
        output_tokens: 1,
        total_tokens: 2,
        model: 'gpt-4',
        route_type: 'llm/v1/chat',
      },
    },
  },
}

const NO_MODEL: IntendedAnswer = {
  reason:
    "The seed forwarded `model`; an application must not choose another model on the operator's key. 2.5 refuses it.",
  expect: {
    status: 422,
    body: {
      detail:
        "The parameter 'model' is not permitted to be passed. The route being queried already defines a model instance.",
    },
  },
}

const TEXTS: IntendedAnswer = {
  reason:
    "The documentation of June 2023 writes `texts`, which MLflow's own server refused; both are accepted.",
  expect: {
    status: 200,
    body: {
      embeddings: [[0.1, 0.2, 0.3]],
      metadata: {
        input_tokens: 8,
        output_tokens: 0,
        total_tokens: 8,
        model: 'text-embedding-ada-002',
        route_type: 'llm/v1/embeddings',
      },
    },
  },
}

const OLDER_INPUT: IntendedAnswer = {
  reason:
    '`input`, `text` and `texts` are one field in every generation, so that older callers keep working.',
  expect: {
    status: 200,
    body: {
      object: 'list',
      data: [{ object: 'embedding', embedding: [0.1, 0.2, 0.3], index: 0 }],
      model: 'text-embedding-ada-002',
      usage: { prompt_tokens: 8, total_tokens: 8 },
    },
  },
}

const SEED_PATHS_TOO: IntendedAnswer = {
  reason: "The paths of June 2023 are served beside 2.5's, with the seed's redirect to the slash at the end.",
  expect: {
    status: 307,
    headers: { location: 'http://{host}/gateway/routes/' },
    body: '',
  },
}

const STREAMS: IntendedAnswer = {
  reason: 'MLflow refused streams from Anthropic; they are served, in the chunks of 2.10.',
  expect: {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    check: checkStream,
  },
}

const OWN_DOCUMENT: IntendedAnswer = {
  reason:
    "The document describes this gateway's own endpoints in its own words; MLflow's are all among them.",
  expect: { status: 200, check: checkOpenApi },
}

/** By the id of the recorded exchange; `golden-` ids are a recorded session and the position in it, from 0. */
export const intendedAnswers: Readonly<Record<string, IntendedAnswer>> = {
  'obs-seed-006': {
    reason: 'The seed had no icon and no word for it; 2.5 names the file that is missing.',
    expect: { status: 404, body: { detail: 'favicon.ico not found' } },
  },
  'obs-seed-047': NO_MODEL,
  'obs-seed-050': WRONG_CREDENTIAL,
  'obs-seed-051': {
    reason: "The seed gave HTTP's reason phrase where 2.5 hands on the provider's whole JSON.",
    expect: { status: 500, body: { detail: { oops: 'no error key' } } },
  },
  'obs-seed-052': ERROR_TEXT,
  'obs-seed-053': UNSUPPORTED_TEXT,
  'obs-seed-055': ANY_FINISH_REASON,
  'obs-seed-063': TEXTS,
  'obs-seed-067': NO_MODEL,
  'golden-seed-002': OWN_DOCUMENT,
  'obs-25-014': invalidToken('garbage'),
  'obs-25-017': invalidToken(''),
  'obs-25-051': WRONG_CREDENTIAL,
  'obs-25-053': ERROR_TEXT,
  'obs-25-054': UNSUPPORTED_TEXT,
  'obs-25-056': ANY_FINISH_REASON,
  'obs-25-077': STREAMS,
  'obs-25-080': SEED_PATHS_TOO,
  'golden-2.5.0-002': OWN_DOCUMENT,
  'golden-2.5.0-037': UNSUPPORTED_HTML,
  'golden-2.5.0-043': TEXTS,
  'golden-2.8.1-002': OWN_DOCUMENT,
  'golden-2.9.2-002': OWN_DOCUMENT,
  'golden-2.9.2-012': invalidToken('garbage'),
  'golden-2.9.2-013': invalidToken(''),
  'golden-2.9.2-036': WRONG_CREDENTIAL,
  'golden-2.9.2-041': OLDER_INPUT,
  'golden-2.9.2-042': OLDER_INPUT,
  'golden-2.9.2-043': OLDER_INPUT,
  'golden-2.9.2-044': OLDER_INPUT,
  'golden-2.9.2-049': {
    reason:
      'MLflow 2.9 crashed here. `candidate_count` is an unknown field in 2.9, so it is forwarded, and Anthropic says that it is wrong.',
    expect: { status: 400, body: { detail: 'candidate_count: Extra inputs are not permitted' } },
  },
  'golden-2.9.2-051': STREAMS,
  'golden-2.9.2-054': SEED_PATHS_TOO,
}

/** Whether a configuration loads where MLflow decided otherwise. */
export interface IntendedStart {
  reason: string
  /** 0 for loads, 2 for refused. */
  exit: 0 | 2
}

const DOTS: IntendedStart = {
  reason: 'Clients and proxies resolve `..` in a path, so no request could ever reach such a route.',
  exit: 2,
}
const BRACES: IntendedStart = { reason: '`${NAME}` is the environment variable NAME.', exit: 0 }
const LATE_FAILURE = 'The seed accepted it and failed while starting or at the first request'

/** By the id of the recorded start; `golden-config-` ids are a recorded session and the name of the case in it. */
export const intendedStarts: Readonly<Record<string, IntendedStart>> = {
  'obs-cfg25-name_dotdot': DOTS,
  'obs-cfg25-key_env_braces': BRACES,
  'golden-config-75ec37323-name_dotdot': DOTS,
  'golden-config-75ec37323-key_env_braces': BRACES,
  'golden-config-75ec37323-seed_type': {
    reason: `${LATE_FAILURE}: an unknown type became "custom", which nothing serves.`,
    exit: 2,
  },
  'golden-config-75ec37323-type_missing': { reason: `${LATE_FAILURE}: a route needs a type.`, exit: 2 },
  'golden-config-75ec37323-api_type_bad': {
    reason: `${LATE_FAILURE}: the type of API was not checked.`,
    exit: 2,
  },
  'golden-config-75ec37323-azure_missing': {
    reason: `${LATE_FAILURE}: Azure needs its base URL, deployment and version.`,
    exit: 2,
  },
  'golden-config-75ec37323-api_type_upper': {
    reason: 'The seed did not know Azure; from 2.5 on its name is read in any case.',
    exit: 0,
  },
  'golden-config-v2.5.0-name_dotdot': DOTS,
  'golden-config-v2.5.0-key_env_braces': BRACES,
  'golden-config-v2.8.1-name_dotdot': DOTS,
  'golden-config-v2.8.1-key_env_braces': BRACES,
}

/** A request to the provider that differs from MLflow's: by its recorded path or member. */
export interface IntendedUpstreamRequest {
  reason: string
  /** Whether it is about the request with this recorded path and body. */
  applies: (path: string, body: Readonly<Record<string, unknown>>) => boolean
  path?: string
  /** Members beside those that MLflow sent. */
  members?: Record<string, unknown>
}

export const intendedUpstreamRequests: readonly IntendedUpstreamRequest[] = [
  {
    reason: 'MLflow put the text "True" where the version of the API belongs, and OpenAI itself has none.',
    applies: (path) => path.endsWith('?api-version=True'),
    path: '/v1/chat/completions',
  },
  {
    reason: 'OpenAI tells the tokens of a stream only when asked, and the gateway counts them.',
    applies: (_path, body) => body['stream'] === true,
    members: { stream_options: { include_usage: true } },
  },
]

function unsupported(type: string): { detail: string } {
  return {
    detail: `The returned data type from the route service is not supported. Received content type: ${type}`,
  }
}

function invalidToken(token: string): IntendedAnswer {
  return {
    reason:
      "MLflow crashed on a token that is none; it is the caller's mistake, and clients repeat a 500 for a minute.",
    expect: {
      status: 400,
      body: {
        detail: `Invalid SearchRoutes token: ${JSON.stringify(token)}. Leave out page_token for the first page, then send the next_page_token of the page before.`,
      },
    },
  }
}

function checkStream(body: string): void {
  const frames = body.split('\n\n').filter((frame) => frame !== '')
  const chunks = frames.map((frame) => {
    expect(frame).toMatch(/^data: \{/)
    const chunk: unknown = JSON.parse(frame.slice('data: '.length))
    return asObject(chunk)
  })
  expect(new Set(chunks.map(({ object }) => object))).toEqual(new Set(['text_completion_chunk']))
  const choices = chunks.map(({ choices }) => asObject(asArray(choices)[0]))
  const texts = choices.map(({ delta }) => asString(asObject(delta)['content']) ?? '')
  expect(texts.join('')).toBe('This is Claude.')
  expect(choices.at(-1)?.['finish_reason']).toBe('stop')
}

/** Every path that answers for a configured route in MLflow's document is in ours. */
function checkOpenApi(body: string, recorded: string): void {
  const ours = readDocument(body)
  expect(ours['openapi']).toMatch(/^3\./)
  expect(asString(asObject(ours['info'])['title'])).toBeTruthy()
  const paths = asObject(ours['paths'])
  const wanted = Object.entries(asObject(readDocument(recorded)['paths']))
    .filter(([path, item]) => !path.includes('{') && 'post' in asObject(item) && !path.includes('/limits'))
    .map(([path]) => path)
  expect(wanted).not.toEqual([])
  expect(wanted.filter((path) => !('post' in asObject(paths[path])))).toEqual([])
}

function readDocument(text: string): Record<string, unknown> {
  const document: unknown = JSON.parse(text)
  return asObject(document)
}
