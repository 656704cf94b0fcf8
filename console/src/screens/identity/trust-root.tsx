import { wellKnownKeys } from '../../../../src/contracts/routes/enforcement.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/identity.ts'
import { Button } from '../../ui/button.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { save } from '../../ui/save-file.ts'
import { CopyText } from '../../ui/shown-once.tsx'

/** By which keys this installation is known. Who keeps them elsewhere can prove later that nobody has exchanged them. */
export function TrustRoot() {
  const keys = useRead(wellKnownKeys, { query: {} })
  return (
    <Loaded read={keys} rows={3}>
      {({ rootFingerprint, issuer, logVkey }) => {
        const text = [
          t('trust.fileTitle', { origin: window.location.origin }),
          '',
          `${t('trust.root')}: ${rootFingerprint}`,
          `${t('trust.log')}: ${logVkey}`,
          `${t('trust.issuer')}: ${issuer}`,
          '',
        ].join('\n')
        return (
          <div className="stack">
            <Facts
              rows={[
                [
                  t('trust.root'),
                  <code key="root" className="whole">
                    {rootFingerprint}
                  </code>,
                ],
                [
                  t('trust.log'),
                  <code key="log" className="whole">
                    {logVkey}
                  </code>,
                ],
                [
                  t('trust.issuer'),
                  <code key="issuer" className="whole">
                    {issuer}
                  </code>,
                ],
              ]}
            />
            <div className="row">
              <CopyText text={text} label={t('trust.copy')} />
              <Button onClick={() => save(new Blob([text], { type: 'text/plain' }), 'countersign-trust.txt')}>
                {t('trust.download')}
              </Button>
            </div>
          </div>
        )
      }}
    </Loaded>
  )
}
