import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { AttemptUsage, RequestBody, RequestDetail } from '../../../src/admin/contract.ts'
import { ApiError, get, segment } from '../api.ts'
import {
  Badge,
  Button,
  Card,
  Code,
  CopyButton,
  Facts,
  Loading,
  PageHead,
  Problem,
} from '../components/basics.tsx'
import { formatBytes, formatCost, formatCount, formatMs, formatTime } from '../format.ts'
import { useSession } from '../session.tsx'
import { curlOf, prettyJson } from '../snippets.ts'
import { namedTokens } from '../tokens.ts'
import { useClientUrl } from '../use-about.ts'
import { OutcomeBadge } from './requests.tsx'

/** One request in full. */
export function RequestPage(): ReactNode {
  const { id } = useParams({ from: '/requests/$id' })
  const request = useQuery({
    queryKey: ['request', id],
    queryFn: ({ signal }) => get<RequestDetail>(`/admin/requests/${segment(id)}`, {}, signal),
  })
  if (request.isPending) return <Loading />
  if (request.error) {
    return (
      <>
        <PageHead title="Request" />
        <Problem error={request.error} />
      </>
    )
  }
  const row = request.data
  return (
    <>
      <PageHead title="Request" about={<span className="font-mono text-xs wrap-anywhere">{row.id}</span>}>
        <OutcomeBadge row={row} />
        <CopyButton text={row.id} label="Copy id" />
        <Link
          to="/playground"
          search={{ ...(row.route !== null && { route: row.route }), from: row.id }}
          className="link"
        >
          Open in the playground
        </Link>
      </PageHead>
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        <Card title="What it was">
          <Facts
            facts={[
              ['Time', formatTime(row.at)],
              ['Route', row.route],
              ['Endpoint', `${row.endpoint} (${row.dialect})`],
              ['Streamed', row.stream ? 'yes' : 'no'],
              ['Key', row.keyName ?? row.keyId],
              ['User', row.user],
              ['Team', row.team],
              ['Tags', tagsText(row.tags)],
              ['Request', formatBytes(row.requestBytes)],
              ['Answer', formatBytes(row.responseBytes)],
            ]}
          />
        </Card>
        <Card title="What became of it">
          <Facts
            facts={[
              ['Target', row.target],
              ['Provider', row.provider],
              ['Model', row.model],
              ['Model as the provider says', row.modelServed],
              ['Took', formatMs(row.durationMs)],
              ['First byte after', formatMs(row.firstByteMs)],
              [
                'Output speed',
                row.tokensPerSecond === null ? null : `${row.tokensPerSecond.toFixed(1)} tokens/s`,
              ],
              ['Cache', row.cache],
              ['Cost', formatCost(row.costUsd)],
              ['Price version', row.priceVersion],
              ...(row.tokens
                ? namedTokens(row.tokens).map(([name, count]) => [name, formatCount(count)] as const)
                : []),
              ...(row.isEstimated
                ? [['Tokens', 'counted by the gateway, not by the provider'] as const]
                : []),
            ]}
          />
        </Card>
      </div>
      <Card title="Attempts" className="mt-4">
        <Attempts attempts={row.attempts} totalMs={row.durationMs} />
      </Card>
      <Body row={row} />
    </>
  )
}

function tagsText(tags: Readonly<Record<string, string>>): string | null {
  const pairs = Object.entries(tags).map(([name, value]) => `${name}: ${value}`)
  return pairs.length > 0 ? pairs.join(', ') : null
}

/** Each attempt as a bar: when it began, how long it took, how it ended. */
function Attempts({ attempts, totalMs }: { attempts: readonly AttemptUsage[]; totalMs: number }): ReactNode {
  if (attempts.length === 0) return <p className="text-muted">No provider was asked.</p>
  const whole = Math.max(totalMs, ...attempts.map(({ startedMs, tookMs }) => startedMs + tookMs), 1)
  return (
    <ol className="space-y-3">
      {attempts.map((attempt, index) => (
        <li key={index}>
          <div className="flex flex-wrap items-baseline gap-x-2">
            <Badge tone={attempt.outcome === 'ok' ? 'good' : 'bad'}>{attempt.outcome}</Badge>
            <span className="font-medium wrap-anywhere">{attempt.target}</span>
            <span className="text-xs text-muted">
              {attempt.reason} · {attempt.provider}
              {attempt.model !== null && ` · ${attempt.model}`} · after {formatMs(attempt.startedMs)} · took{' '}
              {formatMs(attempt.tookMs)}
              {attempt.waitedMs > 0 && ` · waited ${formatMs(attempt.waitedMs)}`}
            </span>
          </div>
          <svg
            className="mt-1 h-2 w-full rounded-full bg-sunken"
            viewBox="0 0 100 1"
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <rect
              className={attempt.outcome === 'ok' ? 'fill-(--good)' : 'fill-(--bad)'}
              x={(attempt.startedMs / whole) * 100}
              width={Math.max((attempt.tookMs / whole) * 100, 0.5)}
              height="1"
            />
          </svg>
        </li>
      ))}
    </ol>
  )
}

/** What was said, once somebody asks for it: that is written into the audit log. */
function Body({ row }: { row: RequestDetail }): ReactNode {
  const { role } = useSession()
  const [isWanted, setWanted] = useState(false)
  const url = useClientUrl()
  const body = useQuery({
    queryKey: ['request-body', row.id],
    queryFn: ({ signal }) => get<RequestBody>(`/admin/requests/${segment(row.id)}/body`, {}, signal),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (role === 'viewer') return null
  const isMissing = body.error instanceof ApiError && body.error.code === 'not_found'
  return (
    <Card title="What was said" className="mt-4">
      {!isWanted && (
        <div className="flex flex-wrap items-center gap-3">
          <Button onClick={() => setWanted(true)}>Show</Button>
          <span className="text-muted">Who looks is written into the audit log.</span>
        </div>
      )}
      {isWanted && body.isPending && <Loading />}
      {isMissing && (
        <p className="text-muted">
          Nothing was kept. A route keeps what is said with{' '}
          <code className="font-mono text-xs">store_bodies</code>.
        </p>
      )}
      {body.error && !isMissing && <Problem error={body.error} />}
      {body.data && (
        <div className="space-y-3">
          {body.data.request !== null && (
            <>
              <h3 className="text-xs font-semibold text-muted">
                Request{body.data.isRequestCut && ', its beginning'}
              </h3>
              <Code label="Request">{prettyJson(body.data.request)}</Code>
              <CopyButton
                label="Copy as curl"
                text={curlOf({ url: `${url}${row.endpoint}`, body: body.data.request })}
              />
            </>
          )}
          {body.data.response !== null && (
            <>
              <h3 className="text-xs font-semibold text-muted">
                Answer{body.data.isResponseCut && ', its beginning'}
              </h3>
              <Code label="Answer">{prettyJson(body.data.response)}</Code>
            </>
          )}
        </div>
      )}
    </Card>
  )
}
