import { texts } from './text.ts'
import home from './en/home.json'

export const { t, tCode } = texts(home)
