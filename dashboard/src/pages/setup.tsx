import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { SecretAnswer } from '../../../src/admin/contract.ts'
import { ApiError, get, segment, send } from '../api.ts'
import { type ChatProgress, streamChat } from '../chat-stream.ts'
import { Badge, Button, Card, Empty, PageHead, Problem } from '../components/basics.tsx'
import { SelectField, TextField } from '../components/form.tsx'
import { asError } from '../components/route-editor.tsx'
import { useIsAdmin } from '../session.tsx'
import { PROVIDER_CHOICES, routeDefinition } from '../set-up.ts'
import { useAbout } from '../use-about.ts'

/** From a provider's key to the first answer. */
export function Setup(): ReactNode {
  const isAdmin = useIsAdmin()
  return (
    <>
      <PageHead
        title="Set-up"
        about="Connect a provider: its key is sealed in the store, a route leads to it, and a first request shows that it works."
      />
      {isAdmin ? <Steps /> : <Empty title="Only admins may connect providers" />}
    </>
  )
}

type Step = 'key' | 'route' | 'call' | 'done'

const STEPS: readonly (readonly [step: Step, name: string])[] = [
  ['key', 'Keep the key, sealed'],
  ['route', 'Make the route'],
  ['call', 'Send a first request'],
]

function Steps(): ReactNode {
  const queries = useQueryClient()
  const about = useAbout()
  const [provider, setProvider] = useState('openai')
  const choice = PROVIDER_CHOICES.find((one) => one.provider === provider) ?? PROVIDER_CHOICES[0]
  const [key, setKey] = useState('')
  const [model, setModel] = useState(choice?.models[0] ?? '')
  const [base, setBase] = useState('')
  const [route, setRoute] = useState('my-chat')
  const [step, setStep] = useState<Step>()
  const [error, setError] = useState<Error>()
  const [answer, setAnswer] = useState<ChatProgress>()
  if (!choice) return null
  const problem = choice.keyOption === null ? undefined : about?.secretsProblem

  const connect = async (): Promise<void> => {
    setError(undefined)
    setAnswer(undefined)
    try {
      if (choice.keyOption !== null) {
        setStep('key')
        await send<SecretAnswer>('PUT', `/admin/secrets/${segment(choice.provider)}`, {
          body: { value: key.trim() },
        })
      }
      setStep('route')
      await saveRoute(route, routeDefinition(choice, { model, secret: choice.provider, base }))
      await queries.invalidateQueries()
      setStep('call')
      const last = await firstAnswer(route)
      setAnswer(last)
      if (last?.error) throw new Error(last.error)
      setStep('done')
      setKey('')
    } catch (failure) {
      setError(asError(failure))
    }
  }

  return (
    <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
      <Card title="Provider">
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault()
            void connect()
          }}
        >
          <SelectField
            label="Provider"
            value={provider}
            options={PROVIDER_CHOICES.map(({ provider: value, name }) => [value, name])}
            onChange={(value) => {
              const next = PROVIDER_CHOICES.find((one) => one.provider === value)
              setProvider(value)
              setModel(next?.models[0] ?? '')
              setBase(next?.base ?? '')
            }}
          />
          {choice.keyOption !== null && (
            <TextField
              label="Key"
              hint={
                choice.keysAt === undefined
                  ? 'It is not shown again.'
                  : `From ${choice.keysAt}. It is not shown again.`
              }
              type="password"
              required
              value={key}
              onChange={setKey}
            />
          )}
          {choice.baseOption !== undefined && (
            <TextField
              label="Address"
              hint="Up to /v1."
              type="url"
              required
              value={base}
              onChange={setBase}
            />
          )}
          <TextField
            label="Model"
            hint="As the provider calls it."
            required
            value={model}
            onChange={setModel}
          />
          <TextField
            label="Route"
            hint="What clients will name as their model."
            required
            pattern="[A-Za-z0-9_.\-]+"
            value={route}
            onChange={setRoute}
          />
          {problem && <Problem error={new Error(`Keys cannot be kept here: ${problem}`)} />}
          <Button
            look="primary"
            type="submit"
            disabled={Boolean(problem) || (step !== undefined && step !== 'done' && !error)}
          >
            Connect
          </Button>
        </form>
      </Card>
      <Card title="What happens">
        <ol className="space-y-3">
          {STEPS.filter(([name]) => name !== 'key' || choice.keyOption !== null).map(([name, text]) => (
            <li key={name} className="flex items-center gap-2">
              <StepBadge name={name} now={step} isBroken={error !== undefined} />
              {text}
            </li>
          ))}
        </ol>
        {error && (
          <div className="mt-4 space-y-2">
            <Problem error={error} />
            <p className="text-muted">Put it right at the left and connect again; nothing is made twice.</p>
          </div>
        )}
        {answer?.text && (
          <blockquote className="mt-4 rounded-md bg-sunken p-3 whitespace-pre-wrap wrap-anywhere">
            {answer.text}
          </blockquote>
        )}
        {step === 'done' && (
          <p className="mt-4 flex flex-wrap gap-3">
            <Link to="/playground" search={{ route }} className="link">
              Go on in the playground
            </Link>
            <Link to="/routes/$name" params={{ name: route }} className="link">
              Call it from your program
            </Link>
            <Link to="/keys" className="link">
              Give somebody a key
            </Link>
          </p>
        )}
      </Card>
    </div>
  )
}

function StepBadge({
  name,
  now,
  isBroken,
}: {
  name: Step
  now: Step | undefined
  isBroken: boolean
}): ReactNode {
  const place = (step: Step | undefined): number =>
    step === 'done' ? STEPS.length : STEPS.findIndex(([one]) => one === step)
  if (now === undefined || place(name) > place(now)) return <Badge>to do</Badge>
  if (place(name) < place(now)) return <Badge tone="good">done</Badge>
  return isBroken ? <Badge tone="bad">failed</Badge> : <Badge tone="accent">now</Badge>
}

/** A new route, or another definition for the one that the last try made. */
async function saveRoute(name: string, definition: Readonly<Record<string, unknown>>): Promise<void> {
  const known = await get<{ origin: { kind: string; version?: number } }>(
    `/admin/routes/${segment(name)}`,
  ).catch((failure: unknown) => {
    if (failure instanceof ApiError && failure.code === 'not_found') return undefined
    throw failure
  })
  const version = known?.origin.version
  if (known && version === undefined)
    throw new Error(`The configuration file has a route "${name}"; choose another name.`)
  if (version === undefined) await send('POST', '/admin/routes', { body: { name, definition } })
  else await send('PUT', `/admin/routes/${segment(name)}`, { body: { definition }, version })
}

const TRIES = 20
const BETWEEN_MS = 250

/** The workers may need a moment to know a new route. */
async function firstAnswer(model: string): Promise<ChatProgress | undefined> {
  const request = { model, stream: true, messages: [{ role: 'user', content: 'Say hello in a few words.' }] }
  for (let tries = 1; ; tries++) {
    let last: ChatProgress | undefined
    await streamChat(request, {
      onProgress: (progress) => (last = progress),
      signal: AbortSignal.timeout(60_000),
    })
    if (last?.status !== 404 || tries >= TRIES) return last
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
  }
}
