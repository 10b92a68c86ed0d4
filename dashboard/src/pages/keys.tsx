import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { KeyAnswer, NewKeyAnswer } from '../../../src/admin/contract.ts'
import { segment, send } from '../api.ts'
import {
  Badge,
  Button,
  Card,
  Code,
  CopyButton,
  Empty,
  Loading,
  PageHead,
  Problem,
} from '../components/basics.tsx'
import { DataTable } from '../components/data-table.tsx'
import { Confirm, Dialog } from '../components/dialog.tsx'
import { SelectField } from '../components/form.tsx'
import { KeyEditor, writeTags } from '../components/key-editor.tsx'
import { More } from '../components/pager.tsx'
import { asError } from '../components/route-editor.tsx'
import { formatAgo, formatTime } from '../format.ts'
import { limitText } from '../limits.ts'
import { useList } from '../lists.ts'
import { useSession } from '../session.tsx'

type Open =
  | { readonly what: 'create' }
  | { readonly what: 'change' | 'rotate' | 'revoke'; readonly key: KeyAnswer }
  | { readonly what: 'made'; readonly made: NewKeyAnswer }

/** Virtual keys of the database. */
export function Keys(): ReactNode {
  const { role } = useSession()
  const mayChange = role !== 'viewer'
  const { text = '' } = useSearch({ from: '/keys' })
  const navigate = useNavigate({ from: '/keys' })
  const [open, setOpen] = useState<Open>()
  const keys = useList<KeyAnswer>('/admin/keys', { limit: 50, text })
  const rows = keys.data ?? []
  const close = (): void => setOpen(undefined)
  return (
    <>
      <PageHead
        title="Keys"
        about="What callers prove who they are with. A key is shown once; only a digest is kept. Keys of the configuration file are not listed here."
      >
        <input
          aria-label="Search for keys"
          placeholder="Search"
          className="field w-44"
          value={text}
          onChange={({ target }) =>
            void navigate({ search: target.value === '' ? {} : { text: target.value }, replace: true })
          }
        />
        {mayChange && (
          <Button look="primary" onClick={() => setOpen({ what: 'create' })}>
            New key
          </Button>
        )}
      </PageHead>
      <Card>
        {keys.error && <Problem error={keys.error} />}
        {keys.isPending && <Loading />}
        {keys.isSuccess && rows.length === 0 && (
          <Empty title={text === '' ? 'No keys yet' : 'No key is called so'}>
            {text === '' && (
              <p>Give everybody who calls the gateway one of their own: then you see who spends what.</p>
            )}
          </Empty>
        )}
        {rows.length > 0 && (
          <DataTable
            label="Keys"
            rows={rows}
            rowKey={({ id }) => id}
            columns={[
              {
                name: 'Name',
                cell: ({ name, hint, id }) => (
                  <>
                    <Link
                      to="/requests"
                      search={{ key: id }}
                      className="link font-medium wrap-anywhere"
                      title="Its requests"
                    >
                      {name}
                    </Link>
                    <span className="block font-mono text-xs text-muted">{hint}</span>
                  </>
                ),
              },
              { name: 'State', cell: (key) => <KeyState of={key} /> },
              {
                name: 'Whose',
                cell: ({ user, team, tags }) => (
                  <span className="wrap-anywhere">
                    {[user, team].filter(Boolean).join(', ') || '–'}
                    <span className="block text-xs text-muted">{writeTags(tags)}</span>
                  </span>
                ),
              },
              {
                name: 'Routes',
                isExtra: true,
                cell: ({ routes }) => <span className="wrap-anywhere">{routes.join(', ')}</span>,
              },
              {
                name: 'Limits',
                isExtra: true,
                cell: ({ limits }) =>
                  limits.length === 0
                    ? '–'
                    : limits.map((limit, index) => <div key={index}>{limitText(limit)}</div>),
              },
              {
                name: 'Last used',
                cell: ({ lastUsedAt }) => (
                  <span className="whitespace-nowrap" title={formatTime(lastUsedAt)}>
                    {formatAgo(lastUsedAt)}
                  </span>
                ),
              },
              {
                name: 'Actions',
                cell: (key) =>
                  mayChange && (
                    <div className="flex flex-wrap gap-1">
                      <Button
                        aria-label={`Change ${key.name}`}
                        onClick={() => setOpen({ what: 'change', key })}
                      >
                        Change
                      </Button>
                      <Button
                        aria-label={`Rotate ${key.name}`}
                        onClick={() => setOpen({ what: 'rotate', key })}
                      >
                        Rotate
                      </Button>
                      <Button
                        look="danger"
                        aria-label={`Revoke ${key.name}`}
                        onClick={() => setOpen({ what: 'revoke', key })}
                      >
                        Revoke
                      </Button>
                    </div>
                  ),
              },
            ]}
          />
        )}
        <More query={keys} />
      </Card>
      {open?.what === 'create' && (
        <KeyEditor
          onMade={(made) => setOpen({ what: 'made', made })}
          onClose={() => setOpen((now) => (now?.what === 'made' ? now : undefined))}
        />
      )}
      {open?.what === 'change' && <KeyEditor of={open.key} onMade={close} onClose={close} />}
      {open?.what === 'rotate' && (
        <Rotation of={open.key} onMade={(made) => setOpen({ what: 'made', made })} onClose={close} />
      )}
      {open?.what === 'revoke' && <Revocation of={open.key} onClose={close} />}
      {open?.what === 'made' && <Made made={open.made} onClose={close} />}
    </>
  )
}

function KeyState({ of: { enabled, expiresAt, previousUntil } }: { of: KeyAnswer }): ReactNode {
  if (!enabled) return <Badge tone="bad">off</Badge>
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) return <Badge tone="bad">expired</Badge>
  const isRotated = previousUntil !== null && Date.parse(previousUntil) > Date.now()
  return (
    <>
      <Badge tone="good">active</Badge>
      {isRotated && (
        <span className="block text-xs text-muted">the one before until {formatTime(previousUntil)}</span>
      )}
      {expiresAt !== null && <span className="block text-xs text-muted">until {formatTime(expiresAt)}</span>}
    </>
  )
}

/** The key itself, this once. */
function Made({ made, onClose }: { made: NewKeyAnswer; onClose: () => void }): ReactNode {
  return (
    <Dialog title={`The key ${made.name}`} onClose={onClose}>
      <p className="mb-3">Copy it now: it is not shown again, and kept nowhere.</p>
      <Code label="The key">{made.key}</Code>
      <div className="mt-4 flex justify-end gap-2">
        <CopyButton text={made.key} label="Copy the key" />
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  )
}

function Rotation({
  of,
  onMade,
  onClose,
}: {
  of: KeyAnswer
  onMade: (made: NewKeyAnswer) => void
  onClose: () => void
}): ReactNode {
  const queries = useQueryClient()
  const [grace, setGrace] = useState('24h')
  const [error, setError] = useState<Error>()
  const rotate = async (): Promise<void> => {
    try {
      const path = `/admin/keys/${segment(of.id)}/rotate`
      onMade(await send<NewKeyAnswer>('POST', path, { body: { grace }, version: of.version }))
      await queries.invalidateQueries({ queryKey: ['/admin/keys'] })
    } catch (failure) {
      setError(asError(failure))
    }
  }
  return (
    <Dialog title={`Rotate ${of.name}`} onClose={onClose}>
      <SelectField
        label="The key as it is now is taken for"
        value={grace}
        onChange={setGrace}
        options={[
          ['0s', 'no longer'],
          ['1h', 'an hour'],
          ['24h', 'a day'],
          ['7d', 'a week'],
          ['30d', '30 days'],
        ]}
      />
      {error && <Problem error={error} />}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" onClick={() => void rotate()}>
          Make a new key
        </Button>
      </div>
    </Dialog>
  )
}

function Revocation({ of, onClose }: { of: KeyAnswer; onClose: () => void }): ReactNode {
  const queries = useQueryClient()
  const [error, setError] = useState<Error>()
  const revoke = async (): Promise<void> => {
    try {
      await send('DELETE', `/admin/keys/${segment(of.id)}`, { version: of.version })
      await queries.invalidateQueries({ queryKey: ['/admin/keys'] })
      onClose()
    } catch (failure) {
      setError(asError(failure))
    }
  }
  return (
    <Confirm title={`Revoke ${of.name}?`} action="Revoke" onConfirm={() => void revoke()} onClose={onClose}>
      <p>
        Within five seconds every gateway of this database refuses it, for good. To refuse it for a while,
        change it and take away the check mark.
      </p>
      {error && <Problem error={error} />}
    </Confirm>
  )
}
