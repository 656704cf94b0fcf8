import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { listRoutes } from '../../../../src/contracts/routes/gateway.ts'
import { environments } from '../../../../src/kernel/vocabulary.ts'
import type { ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { Button } from '../../ui/button.tsx'
import { shortened } from '../../ui/copy.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { placeChoice } from '../../ui/record-choices.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Status } from '../../ui/status.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { dataClassName } from './data-class.ts'
import { ConfigureDialog } from './configure-dialog.tsx'
import { GatewayScreen } from './gateway-screen.tsx'
import { IssueKeyDialog } from './issue-key-dialog.tsx'
import { KeepTextDialog } from './keep-text-dialog.tsx'

export type RouteRow = ItemOf<typeof listRoutes>
type Open = { readonly k: 'configure' | 'key' | 'keep'; readonly route: RouteRow } | null

/** Through which way each deployment reaches which models. The grant decides whether a call may go. */
export function GatewayRoutes() {
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <GatewayScreen tab="routes" answer={t('route.answer')}>
      <RecordList
        id="gateway-routes"
        route={listRoutes}
        columns={columnsFor(setOpen)}
        filters={[
          {
            name: 'environment',
            label: t('registry.environment'),
            options: environments.map((name) => ({ value: name, label: tCode('environment', name) })),
          },
          { name: 'deployment', label: t('gateway.deployment'), choice: placeChoice },
        ]}
        keyOf={({ id }) => id}
        empty={
          <>
            {t('route.none')} <Link to="/systems">{t('rail.systems')}</Link>
          </>
        }
      />
      {open?.k === 'configure' && <ConfigureDialog route={open.route} onClose={close} />}
      {open?.k === 'keep' && <KeepTextDialog route={open.route} onClose={close} />}
      {open?.k === 'key' && <IssueKeyDialog route={open.route} onClose={close} />}
    </GatewayScreen>
  )
}

function columnsFor(open: (what: Open) => void): readonly Column<RouteRow>[] {
  return [
    {
      id: 'deployment',
      header: t('gateway.deployment'),
      cell: ({ deploymentId, title, environment }) => (
        <Link to={`/deployments/${deploymentId}`}>
          <Untrusted text={title} />, {tCode('environment', environment)}
        </Link>
      ),
      text: ({ title, environment }) => `${title} ${environment}`,
    },
    { id: 'op', header: t('place.op'), cell: ({ op }) => <Status state={op} />, text: ({ op }) => op },
    {
      id: 'models',
      header: t('route.models'),
      cell: ({ models }) =>
        models.length === 0 ? (
          <span className="muted">{t('route.noModels')}</span>
        ) : (
          models.map(({ alias, position, model, upstream, ceiling }) => (
            <span key={`${alias} ${position}`} className="chip">
              {position === 0 && (
                <code>
                  <Untrusted text={alias} />
                </code>
              )}
              <span className="muted">
                {position === 0 ? '→' : t('route.thenTo')} <Untrusted text={upstream} />{' '}
                <Untrusted text={model} />, {t('provider.upTo', { dataClass: dataClassName(ceiling) })}
              </span>
            </span>
          ))
        ),
      text: ({ models }) =>
        models.map(({ alias, model, upstream }) => `${alias}=${upstream}/${model}`).join(' '),
    },
    {
      id: 'id',
      leaves: 'first',
      header: t('place.route'),
      cell: ({ id }) => <code title={id}>{shortened(id)}</code>,
      text: ({ id }) => id,
    },
    {
      id: 'actions',
      leaves: 'never',
      header: t('common.actions'),
      cell: (route) => {
        const whyNot = route.op === 'retired' ? t('place.isRetired') : null
        return (
          <>
            <Button kind="quiet" onClick={() => open({ k: 'configure', route })} whyNot={whyNot}>
              {t('route.configure')}
            </Button>
            <Button kind="quiet" onClick={() => open({ k: 'key', route })} whyNot={whyNot}>
              {t('key.issue')}
            </Button>
            <Button kind="quiet" onClick={() => open({ k: 'keep', route })} whyNot={whyNot}>
              {t('route.keep')}
            </Button>
          </>
        )
      },
      text: () => '',
    },
  ]
}
