import { knows } from '../../messages/registry.ts'

type Line = { readonly field: string; readonly from: string | null; readonly to: string | null }

const members = [
  'pin',
  'sha256',
  'effect',
  'autonomy',
  'dataClass',
  'digest',
  'definitionSha256',
  'weightsSha256',
  'server',
  'kind',
] as const

/** The rule behind the class of one changed field, as a code of the catalogue: `models.pin`, `tools.added`. */
export function ruleOf({ field, from, to }: Line): string {
  const [list = '', ...rest] = field.split('/')
  if (rest.length === 0 || list === 'answers' || list === 'params') return known(list)
  const member = members.find((name) => name === rest.at(-1))
  const isWhole = from === null ? isItem(list, to) : to === null && isItem(list, from)
  if (isWhole) return known(`${list}.${from === null ? 'added' : 'removed'}`)
  return known(`${list}.${member ?? 'other'}`)
}

/** Whether the value is a whole item of a list and not a member that an item gained or lost. */
function isItem(list: string, value: string | null): boolean {
  return list === 'capabilities' || list === 'regions' || value?.startsWith('{') === true
}

function known(code: string): string {
  return knows('rule', code) ? code : 'other'
}
