import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { RequestDetail } from '../../../src/admin/contract.ts'
import { get, segment } from '../api.ts'
import type { ChatProgress } from '../chat-stream.ts'
import { formatCost, formatCount, formatMs } from '../format.ts'
import { Badge, Card, Code, Problem } from './basics.tsx'

/** What a route answered, while it does, and what that took. */
export function AnswerCard({
  route,
  request,
  progress,
  problem,
}: {
  route: string
  request: Readonly<Record<string, unknown>>
  progress: ChatProgress | undefined
  problem: Error | undefined
}): ReactNode {
  const record = useRecord(progress?.isDone ? progress.requestId : null)
  return (
    <Card title={<span className="wrap-anywhere">{route}</span>} action={<State progress={progress} />}>
      {problem && <Problem error={problem} />}
      {progress?.error !== null && progress?.error !== undefined && (
        <Problem error={new Error(progress.error)} />
      )}
      {progress?.thinking && (
        <details className="mb-2 text-muted">
          <summary className="text-xs">Thinking</summary>
          <p className="mt-1 whitespace-pre-wrap wrap-anywhere">{progress.thinking}</p>
        </details>
      )}
      <div
        aria-live="polite"
        aria-busy={!progress?.isDone}
        className="whitespace-pre-wrap wrap-anywhere"
        data-testid="answer"
      >
        {progress?.text}
      </div>
      {progress?.toolCalls.map((call, index) => (
        <div key={index} className="mt-2">
          <Badge tone="accent">{call.name}</Badge>
          <Code label={`Arguments of ${call.name}`}>{call.arguments}</Code>
        </div>
      ))}
      <p className="mt-3 flex flex-wrap gap-x-4 gap-y-1 border-t border-line pt-2 text-xs text-muted tabular-nums">
        <span>first content {formatMs(progress?.firstMs ?? null)}</span>
        <span>took {formatMs(progress?.tookMs ?? null)}</span>
        {progress?.usage && (
          <span>
            {formatCount(progress.usage.input)} + {formatCount(progress.usage.output)} tokens
          </span>
        )}
        {record && <span>cost {formatCost(record.costUsd)}</span>}
        {record && (
          <span className="wrap-anywhere">
            {record.attempts.map(({ target, outcome }) => `${target}: ${outcome}`).join(' → ')}
          </span>
        )}
        {record && (
          <Link to="/requests/$id" params={{ id: record.id }} className="link">
            Details
          </Link>
        )}
      </p>
      {progress && (
        <details className="mt-2">
          <summary className="text-xs text-muted">Raw exchange</summary>
          <div className="mt-2 space-y-2">
            <Code label="Request">{JSON.stringify(request, undefined, 2)}</Code>
            <Code label="Answer">{progress.raw}</Code>
          </div>
        </details>
      )}
    </Card>
  )
}

function State({ progress }: { progress: ChatProgress | undefined }): ReactNode {
  if (!progress) return <Badge tone="accent">waiting</Badge>
  if (progress.error !== null) return <Badge tone="bad">{progress.status}</Badge>
  return progress.isDone ? (
    <Badge tone="good">{progress.status}</Badge>
  ) : (
    <Badge tone="accent">streaming</Badge>
  )
}

/** What the gateway recorded of it: it is there a moment after the answer. */
function useRecord(id: string | null): RequestDetail | undefined {
  return useQuery({
    queryKey: ['request', id],
    queryFn: ({ signal }) => get<RequestDetail>(`/admin/requests/${segment(id ?? '')}`, {}, signal),
    enabled: id !== null,
    retry: 8,
    retryDelay: 250,
  }).data
}
