import { isDigit } from '../stream/candidate.ts'

/** The digits of a text, a run of them at a time, in order. */
export function numbersIn(text: string): readonly string[] {
  const numbers: string[] = []
  let number = ''
  for (const character of `${text} `.split('')) {
    if (isDigit(character.charCodeAt(0))) number += character
    else {
      if (number !== '') numbers.push(number)
      number = ''
    }
  }
  return numbers
}
