import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { t, tCode } from '../../messages/home.ts'
import { absolute, type Appearance } from '../../ui/clock.ts'
import { visibleParts } from '../../ui/untrusted.tsx'
import { answerOf } from './answer.ts'
import { pathOf } from './record-path.ts'

const most = 10

/** The overview as plain text with links, for a ticket or a message. */
export function statusNote(
  found: ReplyOf<typeof readOverview>,
  {
    origin,
    time,
    zone,
  }: { readonly origin: string; readonly time: string; readonly zone: Appearance['zone'] },
): string {
  const link = (path: string) => `${origin}${path}`
  const section = <T>(title: string, rows: readonly T[], lineOf: (row: T) => string) =>
    rows.length === 0
      ? []
      : [
          '',
          title,
          ...rows.slice(0, most).map(lineOf),
          ...(rows.length > most ? [t('home.noteMore', { count: rows.length - most, link: link('/') })] : []),
        ]
  return [
    t('home.noteTitle', { time }),
    answerOf(found),
    ...section(t('home.noteWithoutLeave'), found.withoutLeave, ({ title, tier, environment, state, id }) =>
      t('home.noteRow', {
        title: oneLine(title),
        tier,
        environment: tCode('environment', environment),
        state: tCode('state', state),
        link: link(pathOf('deployment', id)),
      }),
    ),
    ...section(t('home.noteExceptions'), found.exceptions, ({ kind, title, detail, id }) =>
      t('home.noteException', {
        kind: tCode('exception', kind),
        title: title === '' ? t('home.everything') : oneLine(title),
        detail: kind === 'stop' ? tCode('scope', detail) : detail,
        link: link(pathOf(kind, id)),
      }),
    ),
    ...section(t('home.noteDeadlines'), found.deadlines, ({ kind, at, title, id }) =>
      t('home.noteDeadline', {
        at: absolute(new Date(at), zone),
        kind: tCode('deadline', kind),
        title: oneLine(title),
        link: link(pathOf(kind, id)),
      }),
    ),
    '',
    t('home.noteSource', { link: link('/') }),
  ].join('\n')
}

/** UNTRUSTED: a title of somebody else's stays one line, and what is invisible in it is named. */
function oneLine(text: string): string {
  return visibleParts(text)
    .map((part) => (part.isHidden ? `[${part.text}]` : part.text.replaceAll(/\s+/g, ' ')))
    .join('')
}
