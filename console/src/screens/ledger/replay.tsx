import { replayDecision } from '../../../../src/contracts/routes/cases.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/ledger.ts'
import { Id } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Go } from '../../ui/go.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Status } from '../../ui/status.tsx'
import { AskId } from './record-history.tsx'
import { historyPath } from './streams.ts'

/** Recomputes a decision from the entries of its case alone. */
export function Replay({ id }: { readonly id: string }) {
  return (
    <div className="stack wide">
      <AskId key={id} tab="replay" id={id} label={t('audit.replayId')} show={t('audit.replayShow')} />
      {id !== '' && <Replayed id={id} />}
    </div>
  )
}

function Replayed({ id }: { readonly id: string }) {
  const read = useRead(replayDecision, { params: { id } })
  return (
    <Loaded read={read} rows={4}>
      {({ decided, recorded, recomputed, inputs, matches }) =>
        decided ? (
          <div className="stack">
            <Note tone={matches === true ? 'good' : matches === false ? 'breach' : 'unknown'} live="polite">
              <p>
                <Status
                  state={matches === true ? 'verified' : matches === false ? 'mismatch' : 'unverifiable'}
                />
              </p>
              <p>
                {matches === true
                  ? t('audit.replayMatches')
                  : matches === false
                    ? t('audit.replayDiffers')
                    : t('audit.replayUnknown')}
              </p>
            </Note>
            <Facts
              rows={[
                [t('audit.replayRecorded'), <Status key="recorded" state={recorded ?? 'unknown'} />],
                [t('audit.replayRecomputed'), <Status key="recomputed" state={recomputed ?? 'unknown'} />],
                ...(inputs === null
                  ? []
                  : ([
                      [t('audit.replayInputsRecorded'), <Id key="a" id={inputs.recorded} whole />],
                      [t('audit.replayInputsRecomputed'), <Id key="b" id={inputs.recomputed} whole />],
                    ] as const)),
              ]}
            />
            <Go to={historyPath(`case/${id}`)}>{t('ledger.history')}</Go>
          </div>
        ) : (
          <Empty>{t('audit.replayNone')}</Empty>
        )
      }
    </Loaded>
  )
}
