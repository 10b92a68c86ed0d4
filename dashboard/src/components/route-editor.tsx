import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { RouteDetail } from '../../../src/admin/contract.ts'
import { ApiError, segment, send } from '../api.ts'
import { Button, Problem } from './basics.tsx'
import { Dialog } from './dialog.tsx'
import { TextArea, TextField } from './form.tsx'

const FIRST = {
  type: 'llm/v1/chat',
  model: { provider: 'openai', name: 'gpt-4o-mini', config: { openai_api_key: 'secret:openai' } },
}

/** Make a route of the store, or change one. */
export function RouteEditor({
  route,
  onClose,
}: {
  /** The one to change, with the version that it was read with. */
  route?: { name: string; definition: unknown; version: number }
  onClose: () => void
}): ReactNode {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState(route?.name ?? '')
  const [text, setText] = useState(JSON.stringify(route?.definition ?? FIRST, undefined, 2))
  const [error, setError] = useState<Error>()
  const save = async (): Promise<void> => {
    try {
      const definition: unknown = JSON.parse(text)
      const saved = route
        ? await send<RouteDetail>('PUT', `/admin/routes/${segment(route.name)}`, {
            body: { definition },
            version: route.version,
          })
        : await send<RouteDetail>('POST', '/admin/routes', { body: { name, definition } })
      await queries.invalidateQueries()
      onClose()
      await navigate({ to: '/routes/$name', params: { name: saved.name } })
    } catch (failure) {
      setError(
        failure instanceof SyntaxError ? new Error(`That is no JSON: ${failure.message}`) : asError(failure),
      )
    }
  }
  return (
    <Dialog title={route ? `Change ${route.name}` : 'New route'} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {!route && (
          <TextField
            label="Name"
            hint='Clients name it as their model. Letters, digits, "_", "." and "-".'
            required
            autoFocus
            value={name}
            onChange={setName}
          />
        )}
        <TextArea
          label="Definition"
          hint="As the route would stand in the file, in JSON. Credentials are named as secret:NAME, never written here."
          rows={14}
          isCode
          value={text}
          onChange={setText}
        />
        {error && <Problem error={error} />}
        {error instanceof ApiError && error.issues.length > 0 && (
          <ul className="list-disc pl-5 text-sm">
            {error.issues.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <code className="font-mono text-xs">{path}</code> {message}
              </li>
            ))}
          </ul>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            {route ? 'Save' : 'Create'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Anything thrown as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
