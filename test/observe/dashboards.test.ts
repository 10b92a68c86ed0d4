import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Metric } from '../../src/telemetry/metric.ts'
import { METRICS } from '../../src/telemetry/metrics.ts'

const metrics = new Map(Object.values<Metric>(METRICS).map((metric) => [metric.name, metric]))

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
}

interface Dashboard {
  panels: {
    title: string
    gridPos: { x: number; y: number; w: number; h: number }
    targets?: { expr: string }[]
  }[]
}

interface Alerts {
  groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[]
}

const dashboard: Dashboard = JSON.parse(read('deploy/grafana/mlflow-gateway.json'))
const alerts: Alerts = parse(read('deploy/prometheus/alerts.yml'))
const shown = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
)
const watched = alerts.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr] as const))

/** The metrics that an expression names, each with the labels that it looks at or groups by. */
function namesIn(expression: string): string[] {
  return [...expression.matchAll(/\bmlflow_gateway_\w+/g)].map(([name]) => name)
}

function metricOf(name: string): Metric | undefined {
  const family = metrics.get(name.replace(/_(?:bucket|sum|count)$/, ''))
  return family?.type === 'histogram' && family.name !== name ? family : metrics.get(name)
}

test.each([...shown, ...watched])('%s asks for what there is', (_title, expression) => {
  const names = namesIn(expression)
  expect(names.length > 0 || expression.startsWith('up{')).toBe(true)
  for (const name of names)
    expect([name, metricOf(name)?.type === 'histogram']).toEqual([name, name.endsWith('_bucket')])
  const known = new Set(names.flatMap((name) => metricOf(name)?.labels ?? []))
  const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, inside = '']) => inside.split(', '))
  const chosen = [...expression.matchAll(/(\w+)(?:=~|!=|!~|=)"/g)].map(([, label = '']) => label)
  for (const label of [...grouped, ...chosen]) {
    expect([expression, [...known, 'le', 'job']]).toEqual([expression, expect.arrayContaining([label])])
  }
  const opened = expression.split('(').length
  expect(expression.split(')')).toHaveLength(opened)
})

test('everything that is counted is shown', () => {
  const asked = new Set(
    shown.flatMap(([, expression]) => namesIn(expression)).map((name) => metricOf(name)?.name),
  )
  expect([...metrics.keys()].filter((name) => !asked.has(name))).toEqual([])
})

test('no panel lies over another', () => {
  const places = new Set<string>()
  for (const { title, gridPos } of dashboard.panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect([title, places.has(`${x} ${y}`)]).toEqual([title, false])
        places.add(`${x} ${y}`)
      }
    }
  }
})

test('each alert says in words what is wrong', () => {
  for (const { alert, annotations } of alerts.groups.flatMap(({ rules }) => rules)) {
    expect(alert).toMatch(/^Gateway[A-Z]\w+$/)
    expect(annotations.summary.length).toBeGreaterThan(20)
  }
})
