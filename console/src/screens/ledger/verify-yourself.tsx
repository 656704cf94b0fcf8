import { useState } from 'react'
import { t } from '../../messages/ledger.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'

/** How a stranger checks the log: the command, the key, and what it prints. */
export function VerifyYourself({ vkey }: { readonly vkey: string }) {
  const [isCopied, setCopied] = useState(false)
  const command = `countersign ledger verify ledger.jsonl --vkey '${vkey}' --require unanchored`
  return (
    <Panel
      title={t('ledger.verifySelf')}
      actions={
        <Button onClick={() => void navigator.clipboard.writeText(command).then(() => setCopied(true))}>
          {isCopied ? t('common.copied') : t('ledger.copyCommand')}
        </Button>
      }
    >
      <div className="stack">
        <p>{t('ledger.verifySelfText')}</p>
        <pre aria-label={t('ledger.verifyCommand')}>{command}</pre>
        <p>{t('ledger.verifyPrints')}</p>
        <p className="muted">{t('ledger.verifyKeyText')}</p>
      </div>
    </Panel>
  )
}
