import { expect, test } from 'vitest'
import { languageAtBeginning } from './beginning.ts'

const german = 'Der Bericht von gestern ist noch nicht fertig, weil die Zahlen aus dem Lager fehlen.'
const english = 'The report of yesterday is not finished because the numbers of the store are missing.'
test.each([
  ['English', english, 'supported'],
  ['English in capitals', english.toUpperCase(), 'supported'],
  ['another language', german, 'advisory'],
  ['another script', 'Отчёт за вчерашний день ещё не готов, потому что нет данных со склада.', 'advisory'],
  ['too few words', 'kein Bericht', 'neutral'],
  ['nothing', '', 'neutral'],
  ['what begins in another language', `${german.repeat(8)} ${english.repeat(40)}`, 'advisory'],
] as const)('%s', (_name, text, language) => {
  expect(languageAtBeginning(text)).toBe(language)
})
