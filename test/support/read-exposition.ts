/** One sample of a monitoring text. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ReadFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: Sample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/

/** Reads the text format of Prometheus (0.0.4) and throws at whatever is not exactly as its description says. */
export function readExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, ReadFamily>()
  let help: readonly [string, string] | undefined
  let current: ReadFamily | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind === 'HELP') {
      if (help || families.has(name)) throw new Error(`HELP again: ${line}`)
      help = [name, unescape(rest, /\\(.)/g, '\\n')]
    } else if (kind === 'TYPE') {
      if (help?.[0] !== name || !NAME.test(name)) throw new Error(`TYPE without its HELP: ${line}`)
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`no type: ${line}`)
      current = { name, type: rest, help: help[1], samples: [] }
      families.set(name, current)
      help = undefined
    } else {
      if (!current || help) throw new Error(`a sample of nothing: ${line}`)
      current.samples.push(readSample(line, current))
    }
  }
  for (const family of families.values()) check(family)
  return families
}

function readSample(line: string, { name: family, type }: ReadFamily): Sample {
  const [, name = '', inside, value = ''] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  const endings = type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
  if (!endings.some((ending) => name === family + ending)) throw new Error(`not of ${family}: ${line}`)
  if (!VALUE.test(value)) throw new Error(`no number: ${line}`)
  return { name, labels: readLabels(inside ?? ''), value: Number(value.replace('Inf', 'Infinity')) }
}

function readLabels(inside: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = inside
  while (rest !== '') {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=[a-zA-Z_])|$)/.exec(rest)
    const [all, name = '', value = ''] = match ?? []
    if (all === undefined || name in labels) throw new Error(`no labels: ${inside}`)
    labels[name] = unescape(value, /\\(.)/g, '\\"n')
    rest = rest.slice(all.length)
  }
  return labels
}

function unescape(text: string, escaped: RegExp, known: string): string {
  return text.replace(escaped, (_all, character: string) => {
    if (!known.includes(character)) throw new Error(`no escape: ${text}`)
    return character === 'n' ? '\n' : character
  })
}

function check({ name, type, samples }: ReadFamily): void {
  if (samples.length === 0) throw new Error(`${name} has no samples`)
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`${name} does not end in _total`)
  const keys = samples.map(
    (sample) => `${sample.name} ${JSON.stringify(Object.entries(sample.labels).map(String).toSorted())}`,
  )
  if (new Set(keys).size < keys.length) throw new Error(`${name} has a series twice`)
  if (type !== 'gauge' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is below 0`)
  if (type === 'histogram') checkBuckets(name, samples)
}

/** Each series: buckets that rise, the last one infinite and equal to the count, and one sum. */
function checkBuckets(name: string, samples: readonly Sample[]): void {
  const series = new Map<string, Sample[]>()
  for (const sample of samples) {
    const { le: _le, ...own } = sample.labels
    const key = JSON.stringify(own)
    series.set(key, [...(series.get(key) ?? []), sample])
  }
  for (const [key, all] of series) {
    const buckets = all.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => Number((labels['le'] ?? '').replace('Inf', 'Infinity')))
    const count = all.find((sample) => sample.name === `${name}_count`)?.value
    const isWhole =
      rises(bounds) &&
      new Set(bounds).size === bounds.length &&
      rises(buckets.map(({ value }) => value)) &&
      bounds.at(-1) === Infinity &&
      buckets.at(-1)?.value === count &&
      all.length === buckets.length + 2
    if (!isWhole) throw new Error(`the buckets of ${name} ${key} are not right`)
  }
}

function rises(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0))
}
