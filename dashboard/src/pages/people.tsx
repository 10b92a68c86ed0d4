import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { TeamAnswer, UserAnswer, WrittenLimit } from '../../../src/admin/contract.ts'
import { segment, send } from '../api.ts'
import { Badge, Button, Card, Empty, Loading, PageHead, Problem } from '../components/basics.tsx'
import { DataTable } from '../components/data-table.tsx'
import { Confirm, Dialog } from '../components/dialog.tsx'
import { CheckField, TextField } from '../components/form.tsx'
import { readTags, writeTags } from '../components/key-editor.tsx'
import { LimitsEditor } from '../components/limits-editor.tsx'
import { More } from '../components/pager.tsx'
import { asError } from '../components/route-editor.tsx'
import { limitText } from '../limits.ts'
import { useList } from '../lists.ts'
import { useSession } from '../session.tsx'

type Kind = 'teams' | 'users'
type Person = (TeamAnswer | UserAnswer) & { readonly team?: string | null }

const WORDS = {
  teams: { title: 'Teams', one: 'team', empty: 'A team has a budget that its users and keys share.' },
  users: { title: 'Users', one: 'user', empty: 'A user is a person or a program that keys belong to.' },
} as const

/** Teams and users, with what they may use. */
export function People(): ReactNode {
  return (
    <>
      <PageHead title="Teams and users" about="Whose limits hold for all of their keys together." />
      <div className="space-y-4">
        <List kind="teams" />
        <List kind="users" />
      </div>
    </>
  )
}

function List({ kind }: { kind: Kind }): ReactNode {
  const { role } = useSession()
  const mayChange = kind === 'teams' ? role === 'admin' : role !== 'viewer'
  const [open, setOpen] = useState<{ what: 'edit' | 'delete'; of?: Person }>()
  const list = useList<Person>(`/admin/${kind}`, { limit: 50 })
  const { title, one, empty } = WORDS[kind]
  const rows = list.data ?? []
  const close = (): void => setOpen(undefined)
  return (
    <Card
      title={title}
      action={mayChange && <Button onClick={() => setOpen({ what: 'edit' })}>New {one}</Button>}
    >
      {list.error && <Problem error={list.error} />}
      {list.isPending && <Loading />}
      {list.isSuccess && rows.length === 0 && <Empty title={`No ${kind} yet`}>{empty}</Empty>}
      {rows.length > 0 && (
        <DataTable
          label={title}
          rows={rows}
          rowKey={({ id }) => id}
          columns={[
            {
              name: 'Name',
              cell: ({ id }) => (
                <Link
                  to="/requests"
                  search={{ [one]: id }}
                  className="link font-medium wrap-anywhere"
                  title="Their requests"
                >
                  {id}
                </Link>
              ),
            },
            {
              name: 'State',
              cell: ({ enabled }) => (
                <Badge tone={enabled ? 'good' : 'bad'}>{enabled ? 'active' : 'off'}</Badge>
              ),
            },
            ...(kind === 'users' ? [{ name: 'Team', cell: ({ team }: Person) => team ?? '–' }] : []),
            {
              name: 'Limits',
              cell: ({ limits }) =>
                limits.length === 0
                  ? '–'
                  : limits.map((limit, index) => <div key={index}>{limitText(limit)}</div>),
            },
            {
              name: 'Actions',
              cell: (row) =>
                mayChange && (
                  <div className="flex flex-wrap gap-1">
                    <Button
                      aria-label={`Change ${row.id}`}
                      onClick={() => setOpen({ what: 'edit', of: row })}
                    >
                      Change
                    </Button>
                    <Button
                      look="danger"
                      aria-label={`Delete ${row.id}`}
                      onClick={() => setOpen({ what: 'delete', of: row })}
                    >
                      Delete
                    </Button>
                  </div>
                ),
            },
          ]}
        />
      )}
      <More query={list} />
      {open?.what === 'edit' && <Editor kind={kind} of={open.of} onClose={close} />}
      {open?.what === 'delete' && open.of && <Deletion kind={kind} of={open.of} onClose={close} />}
    </Card>
  )
}

function Editor({
  kind,
  of,
  onClose,
}: {
  kind: Kind
  of: Person | undefined
  onClose: () => void
}): ReactNode {
  const queries = useQueryClient()
  const { one } = WORDS[kind]
  const [id, setId] = useState(of?.id ?? '')
  const [team, setTeam] = useState(of?.team ?? '')
  const [tags, setTags] = useState(of && 'tags' in of ? writeTags(of.tags) : '')
  const [isEnabled, setEnabled] = useState(of?.enabled ?? true)
  const [limits, setLimits] = useState<readonly WrittenLimit[]>(of?.limits ?? [])
  const [error, setError] = useState<Error>()
  const save = async (): Promise<void> => {
    try {
      const body = {
        limits,
        enabled: isEnabled,
        ...(kind === 'teams' ? { tags: readTags(tags) } : { team: team || null }),
      }
      const path = `/admin/${kind}`
      if (of) await send('PATCH', `${path}/${segment(of.id)}`, { body, version: of.version })
      else await send('POST', path, { body: { id, ...body } })
      await queries.invalidateQueries({ queryKey: [path] })
      onClose()
    } catch (failure) {
      setError(asError(failure))
    }
  }
  return (
    <Dialog title={of ? `Change ${of.id}` : `New ${one}`} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {!of && <TextField label="Name" required autoFocus value={id} onChange={setId} />}
        {kind === 'users' && <TextField label="Team" value={team} onChange={setTeam} />}
        {kind === 'teams' && (
          <TextField label="Tags" hint="As in project: search, tier: gold." value={tags} onChange={setTags} />
        )}
        <LimitsEditor limits={limits} onChange={setLimits} />
        <CheckField label="Is let in" isOn={isEnabled} onChange={setEnabled} />
        {error && <Problem error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            {of ? 'Save' : `Create ${one}`}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function Deletion({ kind, of, onClose }: { kind: Kind; of: Person; onClose: () => void }): ReactNode {
  const queries = useQueryClient()
  const [error, setError] = useState<Error>()
  const remove = async (): Promise<void> => {
    try {
      await send('DELETE', `/admin/${kind}/${segment(of.id)}`, { version: of.version })
      await queries.invalidateQueries({ queryKey: [`/admin/${kind}`] })
      onClose()
    } catch (failure) {
      setError(asError(failure))
    }
  }
  return (
    <Confirm title={`Delete ${of.id}?`} action="Delete" onConfirm={() => void remove()} onClose={onClose}>
      <p>Records of what was used stay.</p>
      {error && <Problem error={error} />}
    </Confirm>
  )
}
