import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { RerankReply } from '../../core/events.ts'
import { asNumber, asObject, asString, omit, type JsonObject } from '../../core/json.ts'
import type { RerankRequest } from '../../core/request.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { invalidRequest } from '../../wire/open-body.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'
import { readUsage, writeUsage } from './usage.ts'

const FIELDS: ReadonlySet<string> = new Set(['model', 'query', 'documents', 'top_n', 'return_documents'])

/**
 * The body of `POST /v2/rerank`, and of `/v1/rerank`, whose documents may be objects too.
 * Spec: https://docs.cohere.com/reference/rerank
 */
export function readRerankRequest(body: JsonObject): RerankRequest {
  const { query, documents } = body
  if (typeof query !== 'string') throw invalidRequest("'query' must be a string.", 'query')
  if (!Array.isArray(documents)) throw invalidRequest("'documents' must be a list.", 'documents')
  const request: RerankRequest = {
    query,
    documents: documents.map((document) => asString(document) ?? textOf(asObject(document))),
    extras: omit(body, FIELDS),
    extrasDialect: 'cohere',
  }
  const topN = asNumber(body['top_n'])
  if (topN !== undefined) request.topN = topN
  if (typeof body['return_documents'] === 'boolean') request.returnDocuments = body['return_documents']
  return request
}

/** A document of several members is ranked as YAML, which JSON is. */
function textOf(document: JsonObject): string {
  const { text, ...others } = document
  return typeof text === 'string' && Object.keys(others).length === 0 ? text : JSON.stringify(document)
}

/** The answer to that request. Its documents are put in from there, for most providers do not repeat them. */
export function writeRerankReply(reply: RerankReply, body: JsonObject): string {
  const { documents, returnDocuments } = readRerankRequest(body)
  const results = reply.results.map(({ index, score, document }) => {
    const result: JsonObject = { index, relevance_score: score }
    const text = document ?? documents[index]
    if (returnDocuments === true && text !== undefined) result['document'] = { text }
    return result
  })
  const meta = { api_version: { version: '2' }, ...writeUsage(reply.usage) }
  return JSON.stringify({ id: reply.id ?? '', results, meta })
}

/** A canonical request for Cohere. That documents shall be returned is not said: Cohere no longer does. */
export function writeRerankRequest(
  { query, documents, topN, extras, extrasDialect = 'cohere' }: RerankRequest,
  { model }: TargetModel,
): WrittenRequest {
  const isOwn = extrasDialect === 'cohere'
  const body = {
    ...(model === null ? {} : { model }),
    query,
    documents,
    ...(topN === undefined ? {} : { top_n: topN }),
    ...(isOwn ? extras : {}),
  }
  return { body: JSON.stringify(body), dropped: isOwn ? [] : Object.keys(extras) }
}

/** The answer of Cohere and of all who answer as it does; the tokens may stand in `usage` (Jina). */
export function readRerankReply(text: string): RerankReply {
  const reply = parseAnswerObject(text)
  const { results } = reply
  if (!Array.isArray(results)) throw badAnswer('The provider\'s answer has no "results".')
  return readRanks(reply, results, readMeta(reply['meta'], reply['usage']))
}

/** One list of ranks, under whatever name it came. */
export function readRanks(reply: JsonObject, results: readonly unknown[], usage: Usage): RerankReply {
  const read: RerankReply = { results: results.map(readResult), usage }
  const id = asString(reply['id'])
  const model = asString(reply['model'])
  if (id !== undefined) read.id = id
  if (model !== undefined) read.model = model
  return read
}

function readResult(result: unknown): RerankReply['results'][number] {
  const { index, relevance_score: score, document } = asObject(result)
  const rank = asNumber(index)
  if (rank === undefined) throw badAnswer('The provider\'s answer has a result without an "index".')
  const text = asString(document) ?? asString(asObject(document)['text'])
  return { index: rank, score: asNumber(score) ?? 0, ...(text === undefined ? {} : { document: text }) }
}

function readMeta(meta: unknown, usage: unknown): Usage {
  return { ...readUsage(meta), ...readTotal(usage) }
}

/** The count of those who only have a total: all of it is input. */
export function readTotal(usage: unknown): Usage {
  const total = asNumber(asObject(usage)['total_tokens'])
  return total === undefined || total < 0 ? {} : { inputTokens: total }
}

/** Only the counts of a whole body. */
export function readRerankUsage(body: Buffer): Usage | undefined {
  const usage = readMeta(findLastObject(body, 'meta'), findLastObject(body, 'usage'))
  return Object.keys(usage).length > 0 ? usage : undefined
}
