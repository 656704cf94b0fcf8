import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { shortened } from '../../ui/copy.tsx'
import { absolute, useAppearance } from '../../ui/clock.ts'
import { SelectField } from '../../ui/field.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Empty } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { ChangeClass } from './change-class.tsx'
import { ReleaseLink } from './release-link.tsx'
import type { SystemView } from './system.tsx'

/** Every release with its parent and how it differs from it; any two can be compared. */
export function SystemReleases({ system }: { readonly system: SystemView }) {
  const releases = system.releases.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  const classOf = (digest: string, parent: string | null) =>
    system.changes.find(({ from, to }) => from === parent && to === digest)?.class
  const runs = (digest: string) =>
    system.places.filter(({ desired, observed }) => desired === digest || observed === digest)
  return (
    <Panel title={t('system.tab.releases')} flush>
      {releases.length === 0 ? (
        <Empty>{t('release.none')}</Empty>
      ) : (
        <>
          <Grid
            label={t('system.tab.releases')}
            rows={releases}
            keyOf={({ digest }) => digest}
            columns={[
              {
                id: 'digest',
                header: t('release.digest'),
                cell: ({ digest }) => (
                  <>
                    <ReleaseLink digest={digest} />{' '}
                    {digest === system.approved && <Status state="approved" />}
                  </>
                ),
              },
              {
                id: 'created',
                header: t('release.made'),
                cell: ({ createdAt }) => <Time at={createdAt} both />,
              },
              { id: 'author', header: t('release.author'), cell: ({ author }) => <Actor id={author} /> },
              {
                id: 'parent',
                header: t('release.parent'),
                cell: ({ parent }) => <ReleaseLink digest={parent} />,
              },
              {
                id: 'class',
                header: t('release.change'),
                cell: ({ digest, parent }) =>
                  parent === null ? (
                    <span className="muted">{t('release.first')}</span>
                  ) : (
                    <ChangeClass name={classOf(digest, parent) ?? null} />
                  ),
              },
              {
                id: 'runs',
                header: t('release.runs'),
                cell: ({ digest }) => t('release.runsIn', { count: runs(digest).length }),
              },
            ]}
          />
          {releases.length > 1 && <Compare releases={releases} />}
        </>
      )}
    </Panel>
  )
}

function Compare({ releases }: { readonly releases: SystemView['releases'] }) {
  const navigate = useNavigate()
  const { zone } = useAppearance()
  const [from, setFrom] = useState<string>(releases[1]?.digest ?? '')
  const [to, setTo] = useState<string>(releases[0]?.digest ?? '')
  const options = releases.map(({ digest, createdAt }) => ({
    value: digest,
    label: `${shortened(digest)}, ${absolute(new Date(createdAt), zone)}`,
  }))
  return (
    <form
      className="row compare"
      onSubmit={(event) => {
        event.preventDefault()
        void navigate({ to: `/releases/${from}/diff/${to}` })
      }}
    >
      <SelectField label={t('release.from')} value={from} onChange={setFrom} options={options} />
      <SelectField label={t('release.to')} value={to} onChange={setTo} options={options} />
      <Button type="submit" whyNot={from === to ? t('release.sameTwice') : null}>
        {t('release.compare')}
      </Button>
    </form>
  )
}
