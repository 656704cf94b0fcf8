import { z } from 'zod'
import { shortText } from './schemas.ts'

/** What an organisation calls itself, and its zone in the time zone database, such as `Europe/Berlin`. */
export const organisation = z.strictObject({ name: shortText, timeZone: z.string().min(1).max(64) })
