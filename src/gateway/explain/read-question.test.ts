import { describe, expect, it } from 'vitest'
import { Secret } from '../../core/secret.ts'
import type { RouteType } from '../../core/route.ts'
import type { Call } from '../../core/call.ts'
import { dialects } from '../../dialects/index.ts'
import { readQuestion, type Question } from './read-question.ts'

function read(
  body: string,
  { type = 'llm/v1/chat', ...more }: Partial<Question> & { type?: RouteType } = {},
): Call {
  const route = { name: 'r', type, model: { name: 'm', provider: 'p' } }
  const settings = { invocationsShape: 'mlflow', bodyLimit: 1 } as const
  return readQuestion({ ...more, body: Buffer.from(body) }, { dialects, route, settings })
}

const MESSAGES = '"messages":[{"role":"user","content":"hi"}]'

describe('a question', () => {
  it.each([
    [undefined, 'llm/v1/chat', `{"model":"r",${MESSAGES}}`, 'openai-chat'],
    ['openai', 'llm/v1/completions', '{"model":"r","prompt":"hi"}', 'openai-completions'],
    ['openai', 'llm/v1/embeddings', '{"model":"r","input":"hi"}', 'openai-embeddings'],
    ['openai-responses', 'llm/v1/chat', '{"model":"r","input":"hi"}', 'openai-responses'],
    ['anthropic', 'llm/v1/chat', `{"model":"r","max_tokens":1,${MESSAGES}}`, 'anthropic-messages'],
    ['gemini', 'llm/v1/chat', '{"contents":[{"parts":[{"text":"hi"}]}]}', 'gemini-generate'],
    ['gemini', 'llm/v1/embeddings', '{"requests":[]}', 'gemini-embeddings'],
    ['cohere', 'llm/v1/chat', `{"model":"r",${MESSAGES}}`, 'cohere-chat'],
    [undefined, 'llm/v1/rerank', '{"model":"r","query":"q","documents":["d"]}', 'cohere-rerank'],
    ['mlflow', 'llm/v1/chat', `{${MESSAGES}}`, undefined],
  ] as const)('of dialect %s for %s is read as the server reads it', (dialect, type, body, speaks) => {
    const { request } = read(body, { type, ...(dialect && { dialect }) })
    expect(request.speaks).toBe(speaks)
  })

  it.each([
    ['llm/v1/images', '{"model":"r","prompt":"x"}', 'image-generation'],
    ['llm/v1/audio', '{"model":"r","input":"x"}', 'speech'],
    ['llm/v1/moderations', '{"model":"r","input":"x"}', 'moderation'],
  ] as const)('for %s is only passed on', (type, body, operation) => {
    expect(read(body, { type }).request.operation).toBe(operation)
  })

  it("has the caller's credential, and headers by their small names", () => {
    const body = `{"model":"r",${MESSAGES}}`
    const { caller } = read(body, { headers: { 'X-Tier': 'free' }, key: new Secret('k') })
    expect(caller.header('x-tier')).toBe('free')
    expect(caller.header('authorization')).toBe('Bearer k')
    expect(caller.tenant).not.toBe(read(body, { key: new Secret('other') }).caller.tenant)
  })

  it('of an unknown dialect, or of one that has no such API, says which there are', () => {
    expect(() => read('{}', { dialect: 'opnai' })).toThrow(
      'There is no dialect "opnai"; write one of mlflow, openai',
    )
    expect(() => read('{}', { dialect: 'anthropic', type: 'llm/v1/embeddings' })).toThrow(
      'has no API for the route "r"',
    )
  })

  it('with a wrong body fails as the first of the endpoints says', () => {
    expect(() => read('{"model":"r"}')).toThrow('messages')
  })
})
