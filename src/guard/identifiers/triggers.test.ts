import { expect, test } from 'vitest'
import { LaneScan } from '../stream/lane-scan.ts'
import { compilePlan } from '../stream/scan-plan.ts'
import { contextWords } from './context-words.ts'
import { identifiers } from './index.ts'
import { personalTriggers } from './triggers.ts'

const plan = compilePlan({ triggers: personalTriggers, context: contextWords, identifiers, holdsWords: true })

function found(text: string, pieces: readonly string[] = [text]): readonly string[] {
  const scan = new LaneScan(plan)
  for (const piece of pieces) scan.push(piece)
  scan.end()
  return [...new Set(scan.take().map(({ rule, start, end }) => `${rule}: ${text.slice(start, end)}`))]
}

test.each([
  ['Date of birth: 12/03/1985.', ['date-of-birth: 12/03/1985']],
  ['{"dob": "1985-03-12"}', ['date-of-birth: 1985-03-12']],
  ['She was born on 12 March 1985 in Rome', ['date-of-birth: 12 March 1985']],
  ['Geburtsdatum 12.03.1985', ['date-of-birth: 12.03.1985']],
  ['Born: March 12, 1985', ['date-of-birth: March 12, 1985']],
  ['born on 45/45/1985', []],
  ['a star was born 13 billion years ago', []],
  ['Patient ID: MC-4471290', ['health.record: MC-4471290']],
  ['MRN 00482915 admitted', ['health.record: 00482915']],
  ['diagnosis: E11.9 since 2019', ['health.icd10: E11.9']],
  ['Diagnosis code: F32.1', ['health.icd10: F32.1']],
  ['BIC: DEUTDEFF500', ['bic: DEUTDEFF500']],
  ['SWIFT code NEDSZAJJ', ['bic: NEDSZAJJ']],
  ['swift PROGRAMMING', []],
  ['MAC address 00:1B:44:11:3A:B7', ['mac-address: 00:1B:44:11:3A:B7']],
  ['machine learning', []],
  ['License plate: B-MW 1234', ['vehicle-plate: B-MW 1234']],
  ['plate AB12 CDE', ['vehicle-plate: AB12 CDE']],
  ['Passport number: C01X00T47', ['passport: C01X00T47']],
  ["Driver's license D123-4567-8901", ['driving-licence: D123-4567-8901']],
  ['postcode SW1A 1AA', ['postal-code: SW1A 1AA']],
  ['ZIP: 94105-1234', ['postal-code: 94105-1234']],
  ['client 2a00:1450:4009:80b::200e connected', ['ipv6: 2a00:1450:4009:80b::200e']],
  ['2001:0db8:85a3:0000:0000:8a2e:0370:7334', []],
  ['2600:1f18:0:1:2:3:4:5:6', []],
  ['ip address: fd12:3456:789a:1:2:3:4:5', ['ipv6: fd12:3456:789a:1:2:3:4:5']],
  ['pay 0x52908400098527886E0F7030069857D2E4169EE7', ['eth: 0x52908400098527886E0F7030069857D2E4169EE7']],
  ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', ['btc.bech32: bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4']],
  ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5', []],
  ['call (020) 7946 0958 now', ['phone: 020) 7946 0958']],
  ['phone +44 (0)20 7946 0958', ['phone: 44 (0)20 7946 0958']],
  ['Tel. 22 33 44 55', ['phone: 22 33 44 55']],
  ['call with Oslo on 2026-12-09 01:36', []],
  ['call the host (192.168.144.207)', []],
  ['rows 973 882 751 and 111 933 225', []],
])('%s', (text, expected) => {
  expect(found(text)).toEqual(expected)
  expect(found(text, text.split(''))).toEqual(expected) // one by one
})

test('the sample passport and identity card of ICAO Doc 9303 are found, and not with a wrong digit', () => {
  const passport = [
    'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<',
    'L898902C36UTO7408122F1204159ZE184226B<<<<<10',
  ].join('\n')
  const card = [
    'I<UTOD231458907<<<<<<<<<<<<<<<',
    '7408122F1204159UTO<<<<<<<<<<<6',
    'ERIKSSON<<ANNA<MARIA<<<<<<<<<<',
  ].join('\n')
  expect(found(`scan:\n${passport}\n`)).toEqual([`mrz: ${passport}`])
  expect(found(`scan:\n${card}\nend`)).toEqual([`mrz: ${card}`])
  expect(found(`scan:\n${passport.replace('L898902C36', 'L898902C37')}\n`)).toEqual([])
})
