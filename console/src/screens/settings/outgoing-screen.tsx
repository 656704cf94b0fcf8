import type { ReactNode } from 'react'
import { t, tCode } from '../../messages/outgoing.ts'
import { Screen } from '../../ui/screen.tsx'
import { Tabs } from '../../ui/tabs.tsx'

const tabs = ['webhooks', 'deliveries'] as const

/** The frame that endpoints and deliveries share. */
export function OutgoingScreen({
  tab,
  answer,
  actions,
  children,
}: {
  readonly tab: (typeof tabs)[number]
  readonly answer: string | undefined
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <Screen
      title={tCode('outgoing.tab', tab)}
      answer={answer}
      {...(actions === undefined ? {} : { actions })}
    >
      <Tabs
        label={t('outgoing.tabs')}
        tabs={tabs.map((id) => ({ id, label: tCode('outgoing.tab', id) }))}
        current={tab}
        hrefOf={(id) => `/settings/${id}`}
      />
      {children}
    </Screen>
  )
}
