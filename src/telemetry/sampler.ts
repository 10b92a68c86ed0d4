/** Whether a trace is kept. `parent` says what the one who sent the request decided, if it belongs to a trace. */
export type Sampler = (traceId: string, parent: { readonly isSampled: boolean } | undefined) => boolean

/** `OTEL_TRACES_SAMPLER` and its argument. */
export function readSampler(
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Sampler {
  const name = environment['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on'
  const [, parentBased, kind] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(name) ?? []
  if (kind === undefined)
    problems.push(`OTEL_TRACES_SAMPLER=${name} is not known; parentbased_always_on is used`)
  const root =
    kind === 'always_off'
      ? never
      : kind === 'traceidratio'
        ? byRatio(readRatio(environment, problems))
        : always
  if (kind !== undefined && parentBased === undefined) return root
  return (traceId, parent) => parent?.isSampled ?? root(traceId, parent)
}

function readRatio(
  { OTEL_TRACES_SAMPLER_ARG: text = '1' }: Readonly<Record<string, string | undefined>>,
  problems: string[],
): number {
  const ratio = Number(text)
  if (text.trim() !== '' && ratio >= 0 && ratio <= 1) return ratio
  problems.push('OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1; every trace is kept')
  return 1
}

/** By the random part of the identifier, so that all who look at it decide the same. */
function byRatio(ratio: number): Sampler {
  return (traceId) => Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) < ratio * 16 ** RANDOM_DIGITS
}

const RANDOM_DIGITS = 12

function always(): boolean {
  return true
}

function never(): boolean {
  return false
}
