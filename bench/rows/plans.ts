import { routeRow } from '../route-row.ts'
import { EIGHT_TARGETS_ROUTE, PLAIN_ROUTE, ROUTE, TWO_TARGETS_ROUTE } from '../routes.ts'
import type { Row } from '../row.ts'

/** What it costs that a route can survive a bad day, on a good one. */
export const plans: readonly Row[] = [
  routeRow({
    key: 'policies',
    title: 'default policies',
    reference: { route: PLAIN_ROUTE, name: 'without' },
    ours: { route: ROUTE, name: 'with' },
    target: 1.1,
  }),
  routeRow({
    key: 'targets',
    title: 'eight targets',
    reference: { route: TWO_TARGETS_ROUTE, name: 'two' },
    ours: { route: EIGHT_TARGETS_ROUTE, name: 'eight' },
    target: 1.05,
  }),
]
