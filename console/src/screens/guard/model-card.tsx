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
import { familyLabels } from './families.ts'
import { ModelFamilies } from './model-families.tsx'
import { familiesOf, readModelHeader, type ModelHeader } from './model-header.ts'
import { intervalText } from './share.ts'

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
                <Data header={header} />
                <div className="columns">
                  <Pooled header={header} />
                  <OperatingPoints header={header} />
                </div>
                <ModelFamilies families={familiesOf(header)} />
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
                t('model.dataSum', {
                  files: header.data.length,
                  rows: header.data.reduce((sum, { rows }) => sum + rows, 0),
                }),
              ],
            ] as const)),
        [t('model.digest'), <Id key="model" id={model} whole />],
        [t('model.detectors'), <Id key="detectors" id={detectors} whole />],
      ]}
    />
  )
}

/** The files that it was trained on; the digest of the weights covers the list. */
function Data({ header: { data } }: { readonly header: ModelHeader }) {
  return (
    <details>
      <summary>{t('data.title')}</summary>
      <Grid
        label={t('data.title')}
        rows={data}
        keyOf={({ file }) => file}
        columns={[
          { id: 'file', header: t('data.file'), cell: ({ file }) => <code>{file}</code> },
          { id: 'rows', header: t('data.rows'), align: 'end', cell: ({ rows }) => t('data.count', { rows }) },
          { id: 'licence', header: t('data.licence'), cell: ({ licence }) => licence },
          { id: 'source', header: t('data.source'), cell: ({ source }) => <code>{source}</code> },
          { id: 'digest', header: t('data.digest'), cell: ({ sha256 }) => <Id id={`sha256:${sha256}`} /> },
        ]}
      />
    </details>
  )
}

const sides = ['user', 'untrusted'] as const

/** How well it does on all texts together, of families that it had not seen. */
function Pooled({ header: { summary } }: { readonly header: ModelHeader }) {
  const rows = familyLabels.flatMap((label) =>
    sides.flatMap((side) => {
      const flagged = summary[`${label}_${side}`]
      return flagged === undefined ? [] : [{ label, side, flagged }]
    }),
  )
  return (
    <Panel title={t('model.pooled')}>
      <div className="stack">
        <p>{t('model.pooledText')}</p>
        <Grid
          label={t('model.pooled')}
          rows={rows}
          keyOf={({ label, side }) => `${label} ${side}`}
          columns={[
            { id: 'label', header: t('families.label'), cell: ({ label }) => tCode('guard.label', label) },
            { id: 'side', header: t('model.side'), cell: ({ side }) => tCode('guard.side', side) },
            { id: 'flagged', header: t('model.flagged'), cell: ({ flagged }) => intervalText(flagged) },
          ]}
        />
      </div>
    </Panel>
  )
}

function OperatingPoints({ header: { thresholds, calibration } }: { readonly header: ModelHeader }) {
  return (
    <Panel title={t('model.points')}>
      <div className="stack">
        <p>{t('model.pointsText', { prior: (calibration.prior * 100).toFixed(1) })}</p>
        <Grid
          label={t('model.points')}
          rows={sides.map((side) => ({ side, ...thresholds[side] }))}
          keyOf={({ side }) => side}
          columns={[
            { id: 'side', header: t('model.side'), cell: ({ side }) => tCode('guard.side', side) },
            { id: 'flag', header: t('model.tFlag'), align: 'end', cell: ({ tFlag }) => tFlag.toFixed(2) },
            { id: 'high', header: t('model.tHigh'), align: 'end', cell: ({ tHigh }) => tHigh.toFixed(2) },
          ]}
        />
      </div>
    </Panel>
  )
}
