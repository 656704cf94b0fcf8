import { readGuardPolicyEffect } from '../../../../src/contracts/routes/guard-policies.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Grid } from '../../ui/grid.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { Time } from '../../ui/time.tsx'
import { shareText } from './share.ts'

type Effect = ReplyOf<typeof readGuardPolicyEffect>

/** What a version would change of what is in force, before it does: on recorded traffic, and on the regression corpus. */
export function PolicyEffect({ version }: { readonly version: number }) {
  const read = useRead(readGuardPolicyEffect, { params: { version: String(version) } })
  return (
    <Panel title={t('effect.title')}>
      <Loaded read={read} rows={4}>
        {(effect) => (
          <div className="stack">
            <Traffic traffic={effect.traffic} />
            <Scores scores={effect.scores} />
            <Corpus corpus={effect.corpus} />
          </div>
        )}
      </Loaded>
    </Panel>
  )
}

function Traffic({ traffic: { since, calls, isCut, changed } }: { readonly traffic: Effect['traffic'] }) {
  const findings = changed.reduce((sum, row) => sum + row.findings, 0)
  return (
    <section className="stack" aria-label={t('effect.traffic')}>
      <h3>{t('effect.traffic')}</h3>
      <p>
        {t('effect.trafficText', { findings, calls })} {t('effect.since')} <Time at={since} both />.{' '}
        {isCut && t('effect.cut')}
      </p>
      <p className="muted">{t('effect.noStricter')}</p>
      {changed.length > 0 && (
        <Grid
          label={t('effect.traffic')}
          rows={changed}
          keyOf={({ deploymentId, rule, channel, outcome }) =>
            [deploymentId, rule, channel, outcome].join(' ')
          }
          columns={[
            { id: 'rule', header: t('guard.rule'), cell: ({ rule }) => <code>{rule}</code> },
            { id: 'channel', header: t('guard.channel'), cell: ({ channel }) => tCode('channel', channel) },
            {
              id: 'deployment',
              header: t('gateway.deployment'),
              cell: ({ deploymentId }) => <PlaceName id={deploymentId} />,
            },
            { id: 'was', header: t('effect.was'), cell: ({ outcome }) => tCode('guard.outcome', outcome) },
            {
              id: 'would',
              header: t('effect.would'),
              cell: ({ candidate }) => tCode('guard.outcome', candidate),
            },
            { id: 'findings', header: t('guard.findings'), align: 'end', cell: (row) => row.findings },
            { id: 'calls', header: t('guard.calls'), align: 'end', cell: (row) => row.calls },
          ]}
        />
      )}
    </section>
  )
}

/** Recorded scores by the thresholds of now and of the version; only of what was told at all. */
function Scores({ scores }: { readonly scores: Effect['scores'] }) {
  return (
    <section className="stack" aria-label={t('effect.scores')}>
      <h3>{t('effect.scores')}</h3>
      {scores.length === 0 ? (
        <p className="muted">{t('effect.noScores')}</p>
      ) : (
        <Grid
          label={t('effect.scores')}
          rows={scores}
          keyOf={({ side }) => side}
          columns={[
            { id: 'side', header: t('model.side'), cell: ({ side }) => tCode('guard.side', side) },
            { id: 'n', header: t('effect.scoreCount'), align: 'end', cell: (row) => row.scores },
            {
              id: 'before',
              header: t('effect.before'),
              cell: ({ before }) => t('effect.banded', { ...before }),
            },
            { id: 'after', header: t('effect.after'), cell: ({ after }) => t('effect.banded', { ...after }) },
          ]}
        />
      )}
      {scores.some(({ isMoreUnknown }) => isMoreUnknown) && (
        <p className="muted">{t('effect.moreUnknown')}</p>
      )}
    </section>
  )
}

function Corpus({ corpus }: { readonly corpus: Effect['corpus'] }) {
  return (
    <section className="stack" aria-label={t('effect.corpus')}>
      <h3>{t('effect.corpus')}</h3>
      <p>{t('effect.corpusText')}</p>
      <Grid
        label={t('effect.corpus')}
        rows={corpus.flatMap(({ deploymentId, attack, benign }) => [
          { deploymentId, label: 'attack' as const, ...attack },
          { deploymentId, label: 'benign' as const, ...benign },
        ])}
        keyOf={({ deploymentId, label }) => `${deploymentId} ${label}`}
        columns={[
          { id: 'texts', header: t('effect.texts'), cell: ({ label }) => tCode('guard.label', label) },
          {
            id: 'place',
            header: t('gateway.deployment'),
            cell: ({ deploymentId }) =>
              deploymentId === null ? t('effect.everywhere') : <PlaceName id={deploymentId} />,
          },
          { id: 'before', header: t('effect.before'), cell: ({ before, texts }) => shareText(before, texts) },
          { id: 'after', header: t('effect.after'), cell: ({ after, texts }) => shareText(after, texts) },
        ]}
      />
      {corpus
        .flatMap(({ losses }) => losses)
        .map((loss, n) => (
          <Note key={n} tone="breach">
            {tCode('reason', 'REGRESSION_WORSE', loss)}
          </Note>
        ))}
      {corpus
        .filter(({ families }) => families.length > 0)
        .map(({ deploymentId, families }) => (
          <Grid
            key={deploymentId ?? ''}
            label={t('effect.families')}
            rows={families}
            keyOf={({ family }) => family}
            columns={[
              { id: 'family', header: t('effect.families'), cell: ({ family }) => <code>{family}</code> },
              { id: 'label', header: t('effect.texts'), cell: ({ label }) => tCode('guard.label', label) },
              {
                id: 'before',
                header: t('effect.before'),
                cell: ({ before, texts }) => shareText(before, texts),
              },
              { id: 'after', header: t('effect.after'), cell: ({ after, texts }) => shareText(after, texts) },
            ]}
          />
        ))}
    </section>
  )
}
