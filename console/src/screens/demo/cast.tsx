import { enterAs, listCast } from '../../../../src/contracts/routes/visitor.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { api } from '../../api/client.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/demo.ts'
import { Button } from '../../ui/button.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

type Member = ReplyOf<typeof listCast>['items'][number]

/** The invented people of a demo installation. Whoever is here may be any of them. */
export function Cast({ onEntered }: { readonly onEntered: () => void }) {
  const cast = useRead(listCast, { query: {} })
  const enter = async ({ id }: Member) => {
    await api.call(enterAs, { body: { person: id } })
    onEntered()
  }
  return (
    <section aria-labelledby="cast" className="stack">
      <h2 id="cast">{t('visitor.title')}</h2>
      <p>{t('visitor.text')}</p>
      <Loaded read={cast}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{t('visitor.filling')}</p>
          ) : (
            <ul className="cast">
              {items.map((member) => (
                <li key={member.id}>
                  <span>
                    <strong>
                      <Untrusted text={member.name} />
                    </strong>
                    <br />
                    <span className="muted">{partOf(member)}</span>
                  </span>
                  <Button onClick={() => void enter(member)}>
                    {t('visitor.enter', { name: member.name })}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  )
}

function partOf({ roles, seat }: Member): string {
  const seated =
    seat === 'business_executive'
      ? t('visitor.executive')
      : t('visitor.seat', { fn: tCode('fn', seat ?? '') })
  const parts = [...roles.map((role) => tCode('role', role)), ...(seat === null ? [] : [seated])]
  return parts.length === 0 ? t('visitor.none') : parts.join(', ')
}
