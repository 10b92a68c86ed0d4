import type { ReactNode } from 'react'
import type { BudgetAnswer } from '../../../src/admin/contract.ts'
import { Card, Empty, Loading, PageHead, Problem } from '../components/basics.tsx'
import { BudgetList } from '../components/budget-list.tsx'
import { More } from '../components/pager.tsx'
import { useList } from '../lists.ts'

const REFRESH_MS = 3_000

const KINDS = [
  ['gateway', 'Of the gateway and its routes'],
  ['team', 'Of teams'],
  ['user', 'Of users'],
  ['key', 'Of keys'],
] as const

/** Every limit and budget, and where it stands. */
export function Budgets(): ReactNode {
  return (
    <>
      <PageHead
        title="Budgets"
        about="Limits stand in the configuration file, with teams, users and keys; all that apply to a request hold."
      />
      <div className="space-y-4">
        {KINDS.map(([of, title]) => (
          <Kind key={of} of={of} title={title} />
        ))}
      </div>
    </>
  )
}

function Kind({ of, title }: { of: string; title: string }): ReactNode {
  const budgets = useList<BudgetAnswer>('/admin/budgets', { of, limit: 50 }, REFRESH_MS)
  return (
    <Card title={title}>
      {budgets.error && <Problem error={budgets.error} />}
      {budgets.isPending && <Loading />}
      {budgets.isSuccess && budgets.data.length === 0 && (
        <Empty title="None, or nothing was used of them yet" />
      )}
      {budgets.data && budgets.data.length > 0 && <BudgetList budgets={budgets.data} />}
      <More query={budgets} />
    </Card>
  )
}
