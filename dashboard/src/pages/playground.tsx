import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { RequestBody, RouteSummary } from '../../../src/admin/contract.ts'
import { get, segment } from '../api.ts'
import { type ChatMessage, type ChatProgress, streamChat } from '../chat-stream.ts'
import { AnswerCard } from '../components/answer-card.tsx'
import { Button, Card, Empty, PageHead, Problem } from '../components/basics.tsx'
import { TextArea, TextField } from '../components/form.tsx'
import { asError } from '../components/route-editor.tsx'
import { useList } from '../lists.ts'
import { EMPTY_SETTINGS, type PlaygroundSettings, readSettings, toRequest } from '../playground-settings.ts'
import { useIsAdmin } from '../session.tsx'

const MOST_ROUTES = 4

/** One answer of one route. */
interface Turn {
  readonly route: string
  readonly request: Readonly<Record<string, unknown>>
  readonly progress: ChatProgress | undefined
  readonly problem: Error | undefined
}

/** Talk with a route, or ask several the same. */
export function Playground(): ReactNode {
  const isAdmin = useIsAdmin()
  const search = useSearch({ from: '/playground' })
  const routes = useList<RouteSummary>('/admin/routes', { limit: 200 })
  const names = (routes.data ?? []).flatMap(({ name, type, state }) =>
    type === 'llm/v1/chat' && state !== 'shadowed' ? [name] : [],
  )
  const [chosen, setChosen] = useState<readonly string[]>(search.route === undefined ? [] : [search.route])
  const [settings, setSettings] = useState<PlaygroundSettings>(EMPTY_SETTINGS)
  const [history, setHistory] = useState<readonly ChatMessage[]>([])
  const [turns, setTurns] = useState<readonly Turn[]>([])
  const [error, setError] = useState<Error>()
  const running = useRef<AbortController>(null)
  const [isRunning, setRunning] = useState(false)
  const asked = chosen.length > 0 ? chosen : names.slice(0, 1)
  usePastRequest(search.from, setSettings)
  useEffect(() => () => running.current?.abort(), [])

  const ask = async (): Promise<void> => {
    let message: ChatMessage
    let bodies: readonly Readonly<Record<string, unknown>>[]
    try {
      ;({ message, bodies } = toRequest({ settings, history, routes: asked }))
    } catch (failure) {
      setError(asError(failure))
      return
    }
    setError(undefined)
    setRunning(true)
    const controller = new AbortController()
    running.current = controller
    setTurns(
      asked.map((route, index) => ({
        route,
        request: bodies[index] ?? {},
        progress: undefined,
        problem: undefined,
      })),
    )
    const change = (index: number, news: Partial<Turn>): void =>
      setTurns((before) => before.map((turn, place) => (place === index ? { ...turn, ...news } : turn)))
    const texts = asked.map(() => '')
    await Promise.all(
      bodies.map((body, index) =>
        streamChat(body, {
          signal: controller.signal,
          onProgress: (progress) => {
            texts[index] = progress.error === null ? progress.text : ''
            change(index, { progress })
          },
        }).catch((problem: unknown) => {
          if (!controller.signal.aborted) change(index, { problem: asError(problem) })
        }),
      ),
    )
    setRunning(false)
    const [text = ''] = texts
    // With several routes there is no one conversation to go on with.
    if (asked.length === 1 && text !== '' && !controller.signal.aborted) {
      setHistory([...history, message, { role: 'assistant', content: text }])
      setSettings((before) => ({ ...before, prompt: '', image: '' }))
    }
  }

  if (!isAdmin) {
    return (
      <>
        <PageHead title="Playground" />
        <Empty title="Only admins may spend what the gateway's keys can" />
      </>
    )
  }
  return (
    <>
      <PageHead
        title="Playground"
        about="Requests go through the gateway like those of any client, and are recorded."
      >
        {history.length > 0 && (
          <Button
            onClick={() => {
              setHistory([])
              setTurns([])
            }}
          >
            New conversation
          </Button>
        )}
      </PageHead>
      {routes.isSuccess && names.length === 0 && (
        <Empty title="No route for chat yet">
          <Link to="/setup" className="link">
            Connect a provider
          </Link>
        </Empty>
      )}
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
        <div className="space-y-4">
          <Card title="Routes">
            <RouteChoice names={names} chosen={asked} onChange={setChosen} />
          </Card>
          <Card title="Parameters">
            <Parameters settings={settings} onChange={setSettings} />
          </Card>
        </div>
        <div className="min-w-0 space-y-4">
          {history.length > 0 && (
            <Conversation history={asked.length === 1 && !isRunning ? history.slice(0, -1) : history} />
          )}
          {turns.length > 0 && (
            <div className={`grid grid-cols-1 gap-4 ${turns.length > 1 ? 'xl:grid-cols-2' : ''}`}>
              {turns.map((turn) => (
                <AnswerCard key={turn.route} {...turn} />
              ))}
            </div>
          )}
          <Card>
            <form
              className="space-y-3"
              onSubmit={(event) => {
                event.preventDefault()
                void ask()
              }}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !isRunning) void ask()
              }}
            >
              <TextArea
                label="Message"
                hint="Ctrl or ⌘ and Enter send it."
                rows={4}
                value={settings.prompt}
                onChange={(prompt) => setSettings({ ...settings, prompt })}
              />
              <ImagePicker image={settings.image} onChange={(image) => setSettings({ ...settings, image })} />
              {error && <Problem error={error} />}
              <div className="flex gap-2">
                <Button look="primary" type="submit" disabled={isRunning || asked.length === 0}>
                  {asked.length > 1 ? `Ask ${asked.length} routes` : 'Send'}
                </Button>
                {isRunning && <Button onClick={() => running.current?.abort()}>Stop</Button>}
              </div>
            </form>
          </Card>
        </div>
      </div>
    </>
  )
}

/** Fill in what a recorded request said, where its route keeps that. */
function usePastRequest(id: string | undefined, fill: (settings: PlaygroundSettings) => void): void {
  const body = useQuery({
    queryKey: ['request-body', id],
    queryFn: ({ signal }) => get<RequestBody>(`/admin/requests/${segment(id ?? '')}/body`, {}, signal),
    enabled: id !== undefined,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const text = body.data?.request
  useEffect(() => {
    if (typeof text === 'string') fill(readSettings(text))
  }, [text, fill])
}

function RouteChoice({
  names,
  chosen,
  onChange,
}: {
  names: readonly string[]
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}): ReactNode {
  return (
    <fieldset>
      <legend className="mb-2 text-xs text-muted">One to talk with, up to {MOST_ROUTES} to compare.</legend>
      <div className="max-h-60 space-y-1 overflow-y-auto">
        {names.map((name) => {
          const isOn = chosen.includes(name)
          return (
            <label key={name} className="flex items-center gap-2">
              <input
                type="checkbox"
                checked={isOn}
                disabled={!isOn && chosen.length >= MOST_ROUTES}
                onChange={() => onChange(isOn ? chosen.filter((one) => one !== name) : [...chosen, name])}
              />
              <span className="wrap-anywhere">{name}</span>
            </label>
          )
        })}
      </div>
    </fieldset>
  )
}

function Parameters({
  settings,
  onChange,
}: {
  settings: PlaygroundSettings
  onChange: (settings: PlaygroundSettings) => void
}): ReactNode {
  return (
    <div className="space-y-3">
      <TextArea
        label="System prompt"
        rows={3}
        value={settings.system}
        onChange={(system) => onChange({ ...settings, system })}
      />
      <div className="grid grid-cols-2 gap-3">
        <TextField
          label="Temperature"
          inputMode="decimal"
          value={settings.temperature}
          onChange={(temperature) => onChange({ ...settings, temperature })}
        />
        <TextField
          label="Most tokens"
          inputMode="numeric"
          value={settings.maxTokens}
          onChange={(maxTokens) => onChange({ ...settings, maxTokens })}
        />
      </div>
      <details>
        <summary className="text-sm font-medium">Tools and more</summary>
        <div className="mt-2 space-y-3">
          <TextArea
            label="Tools"
            hint="A list in JSON, as OpenAI's API takes it."
            isCode
            value={settings.tools}
            onChange={(tools) => onChange({ ...settings, tools })}
          />
          <TextArea
            label="Other fields"
            hint='An object in JSON, such as {"seed": 1}.'
            isCode
            value={settings.extra}
            onChange={(extra) => onChange({ ...settings, extra })}
          />
        </div>
      </details>
    </div>
  )
}

function ImagePicker({ image, onChange }: { image: string; onChange: (image: string) => void }): ReactNode {
  const read = (file: File | undefined): void => {
    if (!file) return
    const reader = new FileReader()
    reader.addEventListener('load', () => {
      if (typeof reader.result === 'string') onChange(reader.result)
    })
    reader.readAsDataURL(file)
  }
  return (
    <div className="flex flex-wrap items-center gap-3">
      <label className="text-sm text-muted">
        Picture{' '}
        <input
          type="file"
          accept="image/*"
          className="text-xs"
          onChange={(event) => read(event.target.files?.[0])}
        />
      </label>
      {image !== '' && (
        <>
          <img src={image} alt="To be sent" className="h-12 rounded border border-line" />
          <Button look="quiet" onClick={() => onChange('')}>
            Remove
          </Button>
        </>
      )}
    </div>
  )
}

function Conversation({ history }: { history: readonly ChatMessage[] }): ReactNode {
  return (
    <ol className="space-y-2" aria-label="Conversation">
      {history.map(({ role, content }, index) => (
        <li
          key={index}
          className={`rounded-lg border border-line px-4 py-2 whitespace-pre-wrap wrap-anywhere ${role === 'user' ? 'bg-accent-soft' : 'bg-surface'}`}
        >
          <span className="block text-xs text-muted">{role}</span>
          {typeof content === 'string'
            ? content
            : content.map((part) => (part.type === 'text' ? part.text : '[picture]')).join('\n')}
        </li>
      ))}
    </ol>
  )
}
