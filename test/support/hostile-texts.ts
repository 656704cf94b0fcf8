/** Texts that are made to cost much, as functions of how long they are. Ordinary prose is there to compare with. */

const sentence =
  'The nightly job copies what the day has written, and whoever is on call looks at the report in the morning. '

export const ordinary = (length: number): string => filled(sentence, length)

/** Pieces that are repeated to any length. */
const repeated: Readonly<Record<string, string>> = {
  'one letter': 'a',
  'words of one letter': 'a b c d ',
  spaces: ' ',
  'line feeds': '\n',
  digits: '7',
  'digits in groups': '4111 1111-1111.',
  'near card numbers': '4111111111111112 ',
  'near addresses': 'a@b.c@d.e@',
  'near URLs': 'http://a/?b=',
  'logins that never end': 'https://user:',
  'assignments without values': 'password = "',
  'prefixes of tokens': 'ghp_sk-AKIAxoxb-',
  'opened private keys': '-----BEGIN RSA PRIVATE KEY-----\n',
  brackets: '[(<![',
  'Markdown images': '![a](https://a.test/?q=',
  'opened tags': '<p title="<!--',
  'nested entities': '&amp;amp;#38;',
  'percent escapes': '%41%42 %20',
  'marks of escapes': '\\%&',
  'stacked marks': 'a\u0301\u0302\u0303',
  'joiners without a width': 'a\u200b\u200c\u200d',
  'overridden directions': '\u202ea\u202c',
  'look-alikes': 'p\u0430ypal ',
  'marks of a conversation': '<|im_start|>[INST]',
  'words run together': 'forgeteverythingyouweretold ',
  'words nearly run together': 'overoveroveroveroverove ',
  'words linked by signs': 'leave_all_of_the_rules ',
  'labels of persons': 'date of birth born on dob ',
}

/** Each gives a text of so many UTF-16 units. */
export const hostileTexts: Readonly<Record<string, (length: number) => string>> = {
  ...Object.fromEntries(
    Object.entries(repeated).map(([name, piece]) => [name, (length: number) => filled(piece, length)]),
  ),
  'bytes in base64': (length) => noiseInBase64(length),
  'prose in base64': (length) => Buffer.from(ordinary(length)).toString('base64').slice(0, length),
  'prose in base64 twice': (length) =>
    Buffer.from(Buffer.from(ordinary(length)).toString('base64'))
      .toString('base64')
      .slice(0, length),
  'an image': (length) => `data:image/png;base64,${noiseInBase64(length)}`.slice(0, length),
}

function filled(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length)).slice(0, length)
}

/** The same bytes each time. */
function noiseInBase64(length: number): string {
  let state = 1
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    bytes[i] = (state >> 8) & 255
  }
  return bytes.toString('base64').slice(0, length)
}
