import { readGuardCapabilities } from '../../../../src/contracts/routes/guard-feedback.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Id } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { leftOutFamilies, readModelHeader, type ModelHeader } from './model-header.ts'
import { shareText } from './share.ts'

type Capabilities = ReplyOf<typeof readGuardCapabilities>

/** What the scorer was trained on, how well it does on what it has not seen, and what nothing here finds. */
export function ModelCard() {
  const read = useRead(readGuardCapabilities, {})
  return (
    <Loaded read={read}>
      {(capabilities) => {
        const header = readModelHeader(capabilities.header)
        return (
          <>
            <div className="columns">
              <Panel title={t('model.title')}>
                <About capabilities={capabilities} header={header} />
              </Panel>
              <Panel title={t('model.weaknesses')}>
                <ul>
                  {capabilities.unsupported.map((code) => (
                    <li key={code}>{tCode('model.unsupported', code)}</li>
                  ))}
                  <li>{t('model.onlyOvert')}</li>
                  <li>
                    {t('model.onlyLanguages', {
                      languages: capabilities.languages.join(', ') || t('common.none'),
                    })}
                  </li>
                </ul>
              </Panel>
            </div>
            {header !== null && (
              <>
                <OperatingPoints header={header} />
                <Metrics header={header} />
              </>
            )}
          </>
        )
      }}
    </Loaded>
  )
}

function About({
  capabilities: { model, detectors },
  header,
}: {
  readonly capabilities: Capabilities
  readonly header: ModelHeader | null
}) {
  if (model === null) return <Note tone="attention">{t('model.none')}</Note>
  return (
    <Facts
      rows={[
        ...(header === null
          ? []
          : ([
              [t('model.name'), t('model.version', { id: header.id, version: header.version })],
              [
                t('model.trainer'),
                `${header.trainer.name} ${header.trainer.version}, ${t('model.seed', { seed: header.seed })}`,
              ],
              [
                t('model.data'),
                <ul key="data">
                  {header.data.map(({ file, rows, licence, source }) => (
                    <li key={file}>{t('model.dataOf', { file, rows, licence, source })}</li>
                  ))}
                </ul>,
              ],
            ] as const)),
        [t('model.digest'), <Id key="model" id={model} whole />],
        [t('model.detectors'), <Id key="detectors" id={detectors} whole />],
      ]}
    />
  )
}

function OperatingPoints({ header: { thresholds, calibration } }: { readonly header: ModelHeader }) {
  return (
    <Panel title={t('model.points')}>
      <p>{t('model.pointsText', { prior: (calibration.prior * 100).toFixed(1) })}</p>
      <Grid
        label={t('model.points')}
        rows={(['user', 'untrusted'] as const).map((side) => ({ side, ...thresholds[side] }))}
        keyOf={({ side }) => side}
        columns={[
          { id: 'side', header: t('model.side'), cell: ({ side }) => tCode('guard.side', side) },
          { id: 'flag', header: t('model.tFlag'), align: 'end', cell: ({ tFlag }) => tFlag.toFixed(2) },
          { id: 'high', header: t('model.tHigh'), align: 'end', cell: ({ tHigh }) => tHigh.toFixed(2) },
        ]}
      />
    </Panel>
  )
}

function Metrics({ header }: { readonly header: ModelHeader }) {
  return (
    <Panel title={t('model.metrics')} flush>
      <Grid
        label={t('model.metrics')}
        rows={leftOutFamilies(header)}
        keyOf={({ family, channelClass }) => `${family} ${channelClass}`}
        columns={[
          { id: 'family', header: t('model.family'), cell: ({ family }) => <code>{family}</code> },
          { id: 'label', header: t('model.label'), cell: ({ label }) => tCode('guard.label', label) },
          { id: 'style', header: t('model.style'), cell: ({ style }) => style },
          { id: 'side', header: t('model.side'), cell: (row) => tCode('guard.side', row.channelClass) },
          {
            id: 'flagged',
            header: t('model.flagged'),
            cell: ({ flagged, texts }) => shareText(flagged, texts),
          },
          { id: 'high', header: t('model.high'), cell: ({ high, texts }) => shareText(high, texts) },
        ]}
      />
    </Panel>
  )
}
