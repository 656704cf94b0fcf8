import api from './en/api.json'
import committee from './en/committee.json'
import common from './en/common.json'
import frame from './en/frame.json'
import gateway from './en/gateway.json'
import home from './en/home.json'
import identity from './en/identity.json'
import importing from './en/import.json'
import intake from './en/intake.json'
import ledger from './en/ledger.json'
import people from './en/people.json'
import reasons from './en/reasons.json'
import registry from './en/registry.json'
import safety from './en/safety.json'
import settings from './en/settings.json'
import stops from './en/stops.json'
import words from './en/words.json'

/** All English messages. Each area has a file of its own; no key stands in two. */
export const en = {
  ...common,
  ...frame,
  ...api,
  ...words,
  ...reasons,
  ...identity,
  ...home,
  ...intake,
  ...importing,
  ...registry,
  ...committee,
  ...safety,
  ...stops,
  ...gateway,
  ...ledger,
  ...people,
  ...settings,
}
