import type { ReactNode } from 'react'
import { t, tCode } from '../../messages/gateway.ts'
import { Screen } from '../../ui/screen.tsx'
import { Tabs } from '../../ui/tabs.tsx'

const tabs = ['records', 'routes', 'keys', 'budgets', 'tools', 'policies', 'canaries', 'providers'] as const
export type GatewayTab = (typeof tabs)[number]

/** The frame that the lists of the gateway share. */
export function GatewayScreen({
  tab,
  answer,
  actions,
  children,
}: {
  readonly tab: GatewayTab
  readonly answer: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  const name = tCode('gateway.tab', tab)
  return (
    <Screen
      title={`${t('rail.gateway')}: ${name}`}
      answer={answer}
      {...(actions === undefined ? {} : { actions })}
    >
      <Tabs
        label={t('gateway.tabs')}
        tabs={tabs.map((id) => ({ id, label: tCode('gateway.tab', id) }))}
        current={tab}
        hrefOf={(id) => `/gateway/${id}`}
      />
      {children}
    </Screen>
  )
}
