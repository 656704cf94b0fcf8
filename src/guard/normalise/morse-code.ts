/** Letters, digits and signs in Morse code (ITU-R M.1677-1, section 1.1), with the signs `!&;_$` that its users have added. */
export const morseCodes: ReadonlyMap<string, string> = new Map(
  (
    'a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- w.-- x-..- ' +
    'y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----. ' +
    '..-.-.- ,--..-- :---... ?..--.. \'.----. --....- /-..-. (-.--. )-.--.- ".-..-. =-...- +.-.-. @.--.-. ' +
    '!-.-.-- &.-... ;-.-.-. _..--.- $...-..-'
  )
    .split(' ')
    .map((entry) => [entry.charAt(0), entry.slice(1)]),
)
