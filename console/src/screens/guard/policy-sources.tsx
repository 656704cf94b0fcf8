import { useState } from 'react'
import { t } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { DeploymentField } from './deployment-field.tsx'
import type { GuardPolicyRecord } from './policy.tsx'
import { removing } from './removing.tsx'

type Sources = GuardPolicyRecord['terms']['sources']

/** Servers and tools whose results a deployment believes like its users. */
export function Sources({
  terms: { sources },
  onSave,
}: {
  readonly terms: GuardPolicyRecord['terms']
  readonly onSave: ((sources: Sources) => void) | null
}) {
  const [deployment, setDeployment] = useState('')
  const [server, setServer] = useState('')
  const [tool, setTool] = useState('')
  const add = () => {
    const entry = {
      deployment: deployment as Sources[0]['deployment'],
      server,
      tool: tool === '' ? null : tool,
    } // of the list
    onSave?.([...sources, entry])
    setServer('')
    setTool('')
  }
  return (
    <Panel title={t('sources.title')}>
      <div className="stack">
        <p>{t('sources.text')}</p>
        {sources.length === 0 ? (
          <p className="muted">{t('sources.none')}</p>
        ) : (
          <Grid
            label={t('sources.title')}
            rows={sources}
            keyOf={(entry) => [entry.deployment, entry.server, entry.tool].join(' ')}
            columns={[
              { id: 'server', header: t('sources.server'), cell: (entry) => <code>{entry.server}</code> },
              {
                id: 'tool',
                header: t('sources.tool'),
                cell: (entry) => (entry.tool === null ? t('sources.every') : <code>{entry.tool}</code>),
              },
              {
                id: 'place',
                header: t('gateway.deployment'),
                cell: (entry) => <PlaceName id={entry.deployment} />,
              },
              ...removing(onSave, sources),
            ]}
          />
        )}
        {onSave !== null && (
          <div className="row fields">
            <TextField label={t('sources.server')} value={server} onChange={setServer} />
            <TextField
              label={t('sources.tool')}
              help={t('sources.toolHelp')}
              value={tool}
              onChange={setTool}
            />
            <DeploymentField value={deployment} onChange={setDeployment} empty={t('terms.choose')} />
            <Button
              whyNot={server === '' || deployment === '' ? t('sources.chooseBoth') : null}
              onClick={add}
            >
              {t('sources.add')}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  )
}
