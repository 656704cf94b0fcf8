/**
 * Letters that look like Latin ones (Unicode Technical Standard 39, confusables of Unicode 15.1; Unicode License V3), in
 * small form, by the letter that they look like. Made by `scripts/guard-tables.mjs`.
 */
export const lookAlikes: Readonly<Record<string, string>> = {
  a: '\u03b1\u0430\uab7a',
  b: '\u03b2\u0432\u044c\u13fc\uab9f',
  c: '\u0441\uabaf',
  d: '\u0501\uab70\uabb7',
  e: '\u03b5\u0435\u04bd\uab7c',
  f: '\u03dd\u0584',
  g: '\u050d\u0581\u13fb\uab90',
  h: '\u03b7\u043d\u04bb\u0570\uab8b\uab92',
  i: '\u03b9\u0456\u04cf\ua647\uab75',
  j: '\u03f3\u0458\uab7b',
  k: '\u03ba\u043a\uabb6',
  l: '\uabae',
  m: '\u03bc\u03fb\u043c\uab87',
  n: '\u0578\u057c',
  o: '\u03bf\u03c3\u043e\u0585',
  p: '\u03c1\u0440\uabb2',
  q: '\u051b\u0563\u0566',
  r: '\u0433\u1d26\uab71\uab81\uaba2',
  s: '\u0455\u057f\uaba5\uabaa',
  t: '\u03c4\u0442\uab72',
  u: '\u03c5\u057d',
  v: '\u03bd\u0475\uaba9',
  w: '\u0461\u051d\u0561\uab83\uaba4',
  x: '\u03c7\u0445',
  y: '\u03b3\u0443\u04af\uab79\uab8d',
  z: '\u03b6\uab93',
}
