import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/identity.ts'
import { duration, relative } from '../../ui/clock.ts'
import { Id } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { RoleWords } from '../people/role-words.tsx'
import { UnitName } from '../people/unit-name.tsx'
import { AppearancePanel } from './appearance-panel.tsx'
import { CodesPanel } from './codes-panel.tsx'
import { InterestsPanel } from './interests-panel.tsx'
import { PasskeysPanel } from './passkeys-panel.tsx'
import { SessionsPanel } from './sessions-panel.tsx'

/** Who I am here, how I have proved it, and what I may change of that myself. */
export function Account() {
  const me = useMe()
  const now = useNow()
  const { authn, idleEndsAt } = me.data ?? {}
  const answer =
    authn === undefined || idleEndsAt === undefined
      ? undefined
      : t('account.answer', {
          method: tCode('method', authn.method),
          age: duration(authn.ageS * 1_000),
          idle: relative(Date.parse(idleEndsAt), now),
        })
  return (
    <Screen title={t('frame.account')} answer={answer}>
      <div className="columns">
        <div className="stack">
          <Panel title={t('account.who')}>
            <Loaded read={me}>
              {({ person, name, email, unit, roles, seat }) => (
                <Facts
                  rows={[
                    [t('person.name'), <Untrusted key="name" text={name} />],
                    [t('signIn.email'), <Untrusted key="email" text={email} />],
                    [t('people.pseudonym'), <Id key="id" id={person} />],
                    [t('people.unit'), <UnitName key="unit" id={unit} />],
                    [t('account.seat'), seat === null ? t('account.seatNone') : tCode('fn', seat)],
                    [
                      t('account.roles'),
                      roles.length === 0 ? (
                        t(seat === null ? 'account.rolesNone' : 'account.rolesSeat')
                      ) : (
                        <ul key="roles">
                          {roles.map((role) => (
                            <li key={role.id}>
                              <RoleWords {...role} />
                              {role.until !== null && (
                                <>
                                  , {t('people.until')} <Time at={role.until} both />
                                </>
                              )}
                            </li>
                          ))}
                        </ul>
                      ),
                    ],
                  ]}
                />
              )}
            </Loaded>
          </Panel>
          <SessionsPanel />
          <InterestsPanel />
        </div>
        <div className="stack">
          <PasskeysPanel />
          <CodesPanel />
          <AppearancePanel />
        </div>
      </div>
    </Screen>
  )
}
