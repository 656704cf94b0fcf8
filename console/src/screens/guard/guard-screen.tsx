import type { ReactNode } from 'react'
import { t, tCode } from '../../messages/guard.ts'
import { Screen } from '../../ui/screen.tsx'
import { Tabs } from '../../ui/tabs.tsx'

const tabs = ['overview', 'feedback', 'policies', 'try'] as const
export type GuardTab = (typeof tabs)[number]

/** The frame that the screens of the guard share. */
export function GuardScreen({
  tab,
  answer,
  actions,
  children,
}: {
  readonly tab: GuardTab
  readonly answer: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <Screen
      title={`${t('rail.guard')}: ${tCode('guard.tab', tab)}`}
      answer={answer}
      {...(actions === undefined ? {} : { actions })}
    >
      <Tabs
        label={t('guard.tabs')}
        tabs={tabs.map((id) => ({ id, label: tCode('guard.tab', id) }))}
        current={tab}
        hrefOf={(id) => (id === 'overview' ? '/guard' : `/guard/${id}`)}
      />
      {children}
    </Screen>
  )
}
