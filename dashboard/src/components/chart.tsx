import { type ReactNode, useEffect, useRef, useState } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface Series {
  readonly name: string
  /** One for each time; null where there is none. */
  readonly values: readonly (number | null)[]
}

interface ChartProps {
  /** What the values are of, for those who do not see the lines. */
  readonly label: string
  /** Milliseconds since 1970, in order. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  readonly format: (value: number) => string
  /** Filled down to zero: for amounts. */
  readonly isFilled?: boolean
}

const HEIGHT = 180

/** Values over time, as lines and as a table. */
export function Chart(props: ChartProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const theme = useThemeName()
  const { label, times, series, format } = props
  useEffect(() => {
    const element = place.current
    if (!element) return undefined
    const plot = new UPlot(optionsOf(props, element.clientWidth), dataOf(props), element)
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [props, theme])
  return (
    <div>
      <div ref={place} aria-hidden="true" />
      <ul className="mt-1 flex flex-wrap gap-x-4 text-xs text-muted" aria-hidden="true">
        {series.map(({ name }, index) => (
          <li key={name} className="flex items-center gap-1.5">
            <Swatch index={index} />
            {name}
          </li>
        ))}
      </ul>
      <details className="mt-2 text-xs text-muted">
        <summary>As a table</summary>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard */}
        <div
          className="mt-2 max-h-60 overflow-auto"
          tabIndex={0}
          role="region"
          aria-label={`${label}, as a table`}
        >
          <table className="w-full" aria-label={label}>
            <thead>
              <tr className="text-left">
                <th scope="col">Time</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" className="text-right">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.map((time, index) => (
                <tr key={time}>
                  <td>{new Date(time).toLocaleString()}</td>
                  {series.map(({ name, values }) => {
                    const value = values[index]
                    return (
                      <td key={name} className="text-right tabular-nums">
                        {value === null || value === undefined ? '–' : format(value)}
                      </td>
                    )
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  )
}

const SWATCHES = ['bg-(--series-1)', 'bg-(--series-2)', 'bg-(--series-3)']

function Swatch({ index }: { index: number }): ReactNode {
  return <span className={`h-1 w-3 rounded-full ${SWATCHES[index % SWATCHES.length]}`} />
}

function dataOf({ times, series }: ChartProps): UPlot.AlignedData {
  return [times.map((ms) => ms / 1000), ...series.map(({ values }) => [...values])]
}

function optionsOf({ series, format, isFilled = false, times }: ChartProps, width: number): UPlot.Options {
  const look = getComputedStyle(document.documentElement)
  const colour = (name: string): string => look.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  }
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0)
  const lines = series.map(({ name, values }, index) => {
    const stroke = colour(`--series-${(index % SWATCHES.length) + 1}`)
    return {
      label: name,
      stroke,
      width: 2,
      // What stands alone between gaps has no line.
      points: { show: values.includes(null), size: 5 },
      ...(isFilled && index === 0 && { fill: `${stroke}26` }),
    }
  })
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    series: [{}, ...lines],
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      { ...axis, values: (_plot, splits) => splits.map((seconds) => timeText(seconds, span)) },
      { ...axis, size: 64, values: (_plot, splits) => splits.map((value) => format(value)) },
    ],
  }
}

const TWO_DAYS_MS = 172_800_000

/** The time of day of what is short, and else the day. */
function timeText(seconds: number, spanMs: number): string {
  const time = new Date(seconds * 1000)
  return spanMs < TWO_DAYS_MS
    ? time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false })
    : time.toLocaleDateString([], { month: 'short', day: 'numeric' })
}

/** Drawn anew when the colours change. */
function useThemeName(): string {
  const [name, setName] = useState(() => document.documentElement.dataset['theme'] ?? '')
  useEffect(() => {
    const observer = new MutationObserver(() => setName(document.documentElement.dataset['theme'] ?? ''))
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => observer.disconnect()
  }, [])
  return name
}
