import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import type {
  AuditEntry,
  ConfigAnswer,
  ConfigFile,
  TextIssue,
  ValidationAnswer,
} from '../../../src/admin/contract.ts'
import { get, send } from '../api.ts'
import { Badge, Button, Card, Code, Empty, Facts, Loading, PageHead, Problem } from '../components/basics.tsx'
import { DataTable } from '../components/data-table.tsx'
import { More } from '../components/pager.tsx'
import { asError } from '../components/route-editor.tsx'
import { type DiffLine, diffLines } from '../diff.ts'
import { formatTime } from '../format.ts'
import { useList } from '../lists.ts'
import { useIsAdmin } from '../session.tsx'
import { useAbout } from '../use-about.ts'

const YamlEditor = lazy(() => import('../components/yaml-editor.tsx'))

/** Which configuration is in use, and how to change it. */
export function Config(): ReactNode {
  const isAdmin = useIsAdmin()
  return (
    <>
      <PageHead
        title="Configuration"
        about="The file is read again whenever it changes. What cannot be used is told here, and the last good one stays."
      />
      <div className="space-y-4">
        <Status />
        {isAdmin && <File />}
        <InUse />
        <Audit />
      </div>
    </>
  )
}

function Status(): ReactNode {
  const about = useAbout()
  const { data } = useQuery({
    queryKey: ['/admin/config'],
    queryFn: ({ signal }) => get<ConfigAnswer>('/admin/config', {}, signal),
    refetchInterval: 2_000,
  })
  return (
    <Card title="Now">
      <Facts
        facts={[
          [
            'Last reload',
            data &&
              (data.error === null ? <Badge tone="good">in use</Badge> : <Badge tone="bad">not used</Badge>),
          ],
          ['In use since', data && formatTime(data.loadedAt)],
          ['Generation', data?.generation],
          ['Version', about && `${about.version} on Node.js ${about.node}`],
          ['Started', about && formatTime(about.startedAt)],
          ['Workers', about?.workers],
          ['Clients reach it at', about && `${about.host}:${about.port}`],
          ['Clients need a key', about && (about.auth === 'required' ? 'yes' : 'no')],
          ['Database', about?.database],
        ]}
      />
    </Card>
  )
}

function File(): ReactNode {
  const queries = useQueryClient()
  const file = useQuery({
    queryKey: ['/admin/config/file'],
    queryFn: ({ signal }) => get<ConfigFile>('/admin/config/file', {}, signal),
    refetchInterval: 1_000,
  })
  const { data } = file
  /** Undefined: as the file is. */
  const [draft, setDraft] = useState<{ text: string; tag: string }>()
  const [check, setCheck] = useState<ValidationAnswer>()
  const [error, setError] = useState<Error>()
  const [isSaved, setSaved] = useState(false)
  const text = draft?.text ?? data?.text ?? ''
  useEffect(() => {
    if (!draft) return undefined
    const timer = setTimeout(() => {
      send<ValidationAnswer>('POST', '/admin/config/validate', { body: { text: draft.text } }).then(
        setCheck,
        setError,
      )
    }, 400)
    return () => clearTimeout(timer)
  }, [draft])
  const save = async (): Promise<void> => {
    if (!draft) return
    try {
      await send('PUT', '/admin/config/file', { body: draft })
      setDraft(undefined)
      setCheck(undefined)
      setError(undefined)
      setSaved(true)
      await queries.invalidateQueries()
    } catch (failure) {
      setError(asError(failure))
    }
  }
  if (file.isPending) return <Loading />
  if (file.error) return <Problem error={file.error} />
  if (!data) return null
  const isStale = draft !== undefined && data.tag !== null && data.tag !== draft.tag
  return (
    <>
      <Card
        title={`The file ${data.name}`}
        action={
          data.isWritable ? (
            <div className="flex gap-2">
              {draft && <Button onClick={() => setDraft(undefined)}>Discard</Button>}
              <Button look="primary" disabled={!draft || check?.valid !== true} onClick={() => void save()}>
                Save
              </Button>
            </div>
          ) : (
            <Badge>read-only here</Badge>
          )
        }
      >
        {data.text === null ? (
          <Empty title="The file cannot be shown">
            It cannot be read, or is no YAML: then nobody can tell what in it is a credential.
          </Empty>
        ) : (
          <Suspense fallback={<Loading />}>
            <YamlEditor
              value={text}
              isReadOnly={!data.isWritable}
              issues={draft ? [...(check?.issues ?? []), ...(check?.warnings ?? [])] : []}
              onChange={(next) => {
                setSaved(false)
                setDraft({ text: next, tag: draft?.tag ?? data.tag ?? '' })
              }}
            />
          </Suspense>
        )}
        <p className="mt-2 text-xs text-muted">
          Credentials that stand in the file are shown as [kept 1] and go back into their places when it is
          saved.
        </p>
        <div aria-live="polite" className="mt-2 space-y-2">
          {isStale && (
            <Problem error={new Error('Somebody changed the file meanwhile. Discard, and begin anew.')} />
          )}
          {error && <Problem error={error} />}
          {isSaved && <p className="text-good">Saved. The gateway reads it within two seconds.</p>}
          {draft && check && <Issues check={check} />}
        </div>
      </Card>
      {data.before !== null && data.inUse !== null && <LastChange before={data.before} after={data.inUse} />}
    </>
  )
}

function Issues({ check }: { check: ValidationAnswer }): ReactNode {
  if (check.valid && check.warnings.length === 0) return <p className="text-good">It can be used.</p>
  return (
    <ul className="space-y-1" aria-label="What is wrong">
      {check.issues.map((issue) => (
        <Issue key={`${issue.line} ${issue.message}`} issue={issue} tone="bad" />
      ))}
      {check.warnings.map((issue) => (
        <Issue key={`${issue.line} ${issue.message}`} issue={issue} tone="warn" />
      ))}
    </ul>
  )
}

function Issue({ issue, tone }: { issue: TextIssue; tone: 'bad' | 'warn' }): ReactNode {
  return (
    <li className="wrap-anywhere">
      <Badge tone={tone}>
        {issue.line}:{issue.column}
      </Badge>{' '}
      {issue.message}
    </li>
  )
}

const DIFF_LOOKS: Readonly<Record<DiffLine['kind'], readonly [sign: string, look: string]>> = {
  same: [' ', 'text-muted'],
  added: ['+', 'bg-good-soft text-good'],
  removed: ['-', 'bg-bad-soft text-bad'],
}
const AROUND = 3

function LastChange({ before, after }: { before: string; after: string }): ReactNode {
  const lines = diffLines(before, after)
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ kind }) => kind !== 'same')
  return (
    <Card title="What the last reload changed">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard */}
      <div
        className="max-h-96 overflow-auto font-mono text-xs leading-5"
        tabIndex={0}
        role="region"
        aria-label="Changes"
      >
        {lines.map(({ kind, text }, index) =>
          isNear(index) ? (
            <div key={index} className={`whitespace-pre-wrap wrap-anywhere ${DIFF_LOOKS[kind][1]}`}>
              {DIFF_LOOKS[kind][0]} {text}
            </div>
          ) : null,
        )}
      </div>
    </Card>
  )
}

function InUse(): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const content = useQuery({
    queryKey: ['/admin/config/content'],
    queryFn: ({ signal }) => get<unknown>('/admin/config/content', {}, signal),
    enabled: isOpen,
  })
  return (
    <Card
      title="As the gateway understands it"
      action={<Button onClick={() => setOpen(!isOpen)}>{isOpen ? 'Hide' : 'Show'}</Button>}
    >
      <p className="text-muted">With all defaults filled in, and without credentials.</p>
      {content.error && <Problem error={content.error} />}
      {isOpen && content.data !== undefined && (
        <div className="mt-3">
          <Code label="The configuration in use">{JSON.stringify(content.data, undefined, 2)}</Code>
        </div>
      )}
    </Card>
  )
}

function Audit(): ReactNode {
  const audit = useList<AuditEntry>('/admin/audit', { limit: 20 })
  const rows = audit.data ?? []
  return (
    <Card title="Who changed what">
      {audit.error && <Problem error={audit.error} />}
      {audit.isSuccess && rows.length === 0 && <Empty title="Nothing was changed yet" />}
      {rows.length > 0 && (
        <DataTable
          label="Audit log"
          rows={rows}
          rowKey={({ id }) => id}
          columns={[
            { name: 'Time', cell: ({ at }) => <span className="whitespace-nowrap">{formatTime(at)}</span> },
            { name: 'Who', cell: ({ actor }) => <span className="wrap-anywhere">{actor}</span> },
            { name: 'What', cell: ({ action }) => action },
            { name: 'Object', cell: ({ object }) => <span className="wrap-anywhere">{object}</span> },
            {
              name: 'Fields',
              isExtra: true,
              cell: ({ before, after }) => (
                <span className="wrap-anywhere text-muted">
                  {Object.keys(after ?? before ?? {}).join(', ')}
                </span>
              ),
            },
          ]}
        />
      )}
      <More query={audit} />
    </Card>
  )
}
