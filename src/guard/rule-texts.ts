import { emailTrigger } from './identifiers/email.ts'
import { identifiers } from './identifiers/index.ts'
import { personalTriggers } from './identifiers/triggers.ts'
import { identifierNames } from './identifiers/names.ts'
import type { FindingKind } from './finding.ts'
import { injectionRules } from './injection-finding.ts'
import { longDescription } from './lane.ts'
import { dataAddressTrigger, linkTrigger, lookAlikeHostTrigger, templateTrigger } from './rules/address.ts'
import { imageLinkTrigger } from './rules/image-link.ts'
import type { RuleCatalogue } from './rules/rule.ts'
import { secretTriggers, type TokenCatalogue } from './secrets/index.ts'
import { incompleteViews } from './views.ts'
import { unboundedCandidate } from './stream/live-candidates.ts'

/** What a rule looks for, in words: findings name rules and hold nothing of the text. */
export type RuleText = {
  readonly id: string
  readonly kind: FindingKind
  readonly name: string
  readonly explanation: string
}

/** Every rule that a finding may name, in order of their ids. */
export function ruleTexts(catalogues: {
  readonly tokens: TokenCatalogue
  readonly rules: RuleCatalogue
}): readonly RuleText[] {
  const all = [
    ...catalogues.rules.rules.map(({ id, kind, explain }) => ({
      id,
      kind,
      name: nameFrom(id),
      explanation: explain,
    })),
    ...secretTexts(catalogues.tokens),
    ...[...new Set([...identifiers, ...personalTriggers].map(({ rule }) => rule))].map(identifierText),
    ...others,
  ]
  return all.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

const others: readonly RuleText[] = [
  {
    id: injectionRules.high,
    kind: 'injection',
    name: 'Order to the model',
    explanation:
      'In its words this part of the text is surely an order to a model: to drop its rules, to give away what it was told, or to do something for the writer. It is judged by how attacks are written, not by what they ask.',
  },
  {
    id: injectionRules.flag,
    kind: 'injection',
    name: 'Perhaps an order to the model',
    explanation:
      'In its words this part of the text resembles orders to a model. Harmless texts do too; the card of the model says how many. Nothing is done about it as long as nothing risky follows.',
  },
  {
    id: injectionRules.hidden,
    kind: 'hidden',
    name: 'Order to the model that no reader sees',
    explanation:
      'What a page hides from its readers, such as a comment or invisible text, resembles an order to a model.',
  },
  {
    id: imageLinkTrigger.rule,
    kind: 'exfiltration',
    name: 'Image whose address carries data',
    explanation:
      'A client fetches an image as soon as it shows it. This address has room for what the model has read, and would send it out without a click.',
  },
  {
    id: 'hidden.tags',
    kind: 'hidden',
    name: 'Tag characters',
    explanation: 'Unicode tag characters spell a text that no reader sees and a model reads.',
  },
  {
    id: 'hidden.selectors',
    kind: 'hidden',
    name: 'Run of variation selectors',
    explanation: 'Variation selectors in a row spell bytes that no reader sees.',
  },
  {
    id: 'hidden.override',
    kind: 'hidden',
    name: 'Override of the direction of text',
    explanation: 'The text is shown in another order than that in which a model reads it.',
  },
  {
    id: 'hidden.invisible',
    kind: 'hidden',
    name: 'Row of characters without a width',
    explanation:
      'So many joiners and spaces without a width in a row join nothing: they spell something that no reader sees.',
  },
  {
    id: 'hidden.marks',
    kind: 'hidden',
    name: 'Marks stacked on one letter',
    explanation:
      'More marks stand on one letter than any language writes: they keep rules from seeing the letters.',
  },
  {
    id: lookAlikeHostTrigger.rule,
    kind: 'exfiltration',
    name: 'Host that looks like another',
    explanation: 'The name of a host mixes letters of two alphabets, or is the ASCII form of such a name.',
  },
  {
    id: templateTrigger.rule,
    kind: 'exfiltration',
    name: 'Address with a form to fill in',
    explanation:
      'The query of an address is a placeholder. A model that fills it in sends out what it has read.',
  },
  {
    id: linkTrigger.rule,
    kind: 'exfiltration',
    name: 'Link that carries data',
    explanation:
      'The query of a link in an answer is long and has the disorder of data. Whoever follows the link sends it out.',
  },
  {
    id: dataAddressTrigger.rule,
    kind: 'exfiltration',
    name: 'Document within an address',
    explanation:
      'The address holds a document or a program of its own, which runs where the address is opened.',
  },
  {
    id: 'command.send-to',
    kind: 'structure',
    name: 'Order to send something to an address',
    explanation:
      'Text that was brought along says to send, forward or upload something to an address. Look whether the user has asked for it.',
  },
  {
    id: longDescription,
    kind: 'tool_poisoning',
    name: 'Description of a tool that goes on and on',
    explanation: 'It is longer than 4,000 characters. Nobody reads it to the end but the model.',
  },
  {
    id: incompleteViews,
    kind: 'opaque',
    name: 'Not everything was decoded',
    explanation:
      'The text holds more encoded parts, or asks for more readings, than one text is read for. What stands in it plainly was read.',
  },
  {
    id: 'canary.deployment',
    kind: 'canary',
    name: 'Canary of another deployment',
    explanation: 'A token that belongs to the traffic of one deployment was seen in that of another.',
  },
  {
    id: 'canary.system_prompt',
    kind: 'canary',
    name: 'Canary of a system prompt',
    explanation:
      'A token that stands in a system prompt alone was seen elsewhere: the prompt has leaked, or a part of it.',
  },
  {
    id: 'canary.document',
    kind: 'canary',
    name: 'Canary of a document',
    explanation: 'A token that stands in a document was repeated in an answer or in the arguments of a tool.',
  },
  {
    id: unboundedCandidate,
    kind: 'opaque',
    name: 'Text too long to be told apart',
    explanation:
      'Something began here that goes on beyond what a rule may look at, so that it was not decided what it is.',
  },
]

const secretNames: Readonly<Record<string, readonly [name: string, explanation: string]>> = {
  'secret.password': ['Password', 'A value that looks like a password stands behind a word for one.'],
  'secret.credential': [
    'Credential',
    'A value with the disorder of a key stands behind a word such as token, secret or API key.',
  ],
  'secret.private-key': ['Private key', 'The text holds a private key in its armour.'],
  'secret.bearer': ['Bearer token', 'The text holds a token as a header of HTTP carries it.'],
  'secret.basic': [
    'Login in base64',
    'A user name and a password stand in base64, as headers and files of settings carry them.',
  ],
  'secret.login': [
    'Login of a command',
    'A user name and a password stand where a command or a file takes them.',
  ],
  'secret.connection-string': [
    'Login in an address',
    'An address of a service carries a user name and a password.',
  ],
}

function secretTexts(catalogue: TokenCatalogue): readonly RuleText[] {
  const texts = new Map<string, RuleText>()
  const add = (id: string, name: string, explanation: string) =>
    texts.set(id, { id, kind: 'secret', name, explanation })
  for (const { id, provider } of catalogue.tokens)
    add(
      `secret.${id}`,
      `Token of ${provider}`,
      `The text has the prefix, the length and the alphabet of a token that ${provider} gives out.`,
    )
  for (const { id, word } of catalogue.named)
    add(
      `secret.${id}`,
      `Secret of ${nameFrom(id)}`,
      `A value of the form that this provider gives out stands behind the word \`${word}\`.`,
    )
  for (const { rule } of secretTriggers(catalogue)) {
    const [name, explanation] = secretNames[rule] ?? []
    if (name !== undefined && explanation !== undefined) add(rule, name, explanation)
  }
  return [...texts.values()]
}

function identifierText(rule: string): RuleText {
  const [name, how] = identifierNames[rule] ?? [nameFrom(rule), 'Its shape fits.']
  // An address says what it is; a number may be any number.
  const explanation =
    rule === emailTrigger.rule
      ? how
      : `${how} How sure this is depends on its layout and on the words around it.`
  return { id: rule, kind: 'pii', name, explanation }
}

/** `role.chat-markup` is read as `Role: chat markup`. */
function nameFrom(id: string): string {
  const text = id.replaceAll('.', ': ').replaceAll('-', ' ').replaceAll('_', ' ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
