import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { KeyAnswer, NewKeyAnswer, WrittenLimit } from '../../../src/admin/contract.ts'
import { segment, send } from '../api.ts'
import { Button, Problem } from './basics.tsx'
import { Dialog } from './dialog.tsx'
import { CheckField, TextField } from './form.tsx'
import { LimitsEditor } from './limits-editor.tsx'
import { asError } from './route-editor.tsx'

/** Make a virtual key, or change one. */
export function KeyEditor({
  of,
  onMade,
  onClose,
}: {
  of?: KeyAnswer
  onMade: (made: NewKeyAnswer) => void
  onClose: () => void
}): ReactNode {
  const queries = useQueryClient()
  const [name, setName] = useState(of?.name ?? '')
  const [user, setUser] = useState(of?.user ?? '')
  const [team, setTeam] = useState(of?.team ?? '')
  const [routes, setRoutes] = useState((of?.routes ?? ['*']).join(', '))
  const [tags, setTags] = useState(writeTags(of?.tags ?? {}))
  const [expires, setExpires] = useState(of?.expiresAt?.slice(0, 10) ?? '')
  const [isEnabled, setEnabled] = useState(of?.enabled ?? true)
  const [limits, setLimits] = useState<readonly WrittenLimit[]>(of?.limits ?? [])
  const [error, setError] = useState<Error>()
  const save = async (): Promise<void> => {
    try {
      const body = {
        name,
        user: user || null,
        team: team || null,
        routes: listOf(routes),
        tags: readTags(tags),
        expiresAt: expires === '' ? null : expires,
        enabled: isEnabled,
        limits,
      }
      if (of) await send('PATCH', `/admin/keys/${segment(of.id)}`, { body, version: of.version })
      else onMade(await send<NewKeyAnswer>('POST', '/admin/keys', { body }))
      await queries.invalidateQueries({ queryKey: ['/admin/keys'] })
      onClose()
    } catch (failure) {
      setError(asError(failure))
    }
  }
  return (
    <Dialog title={of ? `Change ${of.name}` : 'New key'} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <TextField label="Name" hint="For people." required autoFocus value={name} onChange={setName} />
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label="User" value={user} onChange={setUser} />
          <TextField label="Team" hint="The user's team when empty." value={team} onChange={setTeam} />
          <TextField
            label="Routes"
            hint="Separated by commas; * stands for any characters."
            value={routes}
            onChange={setRoutes}
          />
          <TextField
            label="Expires"
            hint="Never when empty."
            type="date"
            value={expires}
            onChange={setExpires}
          />
        </div>
        <TextField label="Tags" hint="As in project: search, tier: gold." value={tags} onChange={setTags} />
        <LimitsEditor limits={limits} onChange={setLimits} />
        {of && <CheckField label="Is taken" isOn={isEnabled} onChange={setEnabled} />}
        {error && <Problem error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            {of ? 'Save' : 'Create key'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export function writeTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
}

/** Tags as people write them. Throws an `Error` for people. */
export function readTags(text: string): Record<string, string> {
  return Object.fromEntries(
    listOf(text).map((pair) => {
      const colon = pair.indexOf(':')
      if (colon < 1) throw new Error(`Tags: "${pair}" has no value; write it as in "project: search".`)
      return [pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()]
    }),
  )
}
