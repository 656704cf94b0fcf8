import { createClient } from '../contracts/client.ts'
import type { Route } from '../contracts/route.ts'
import { startSession } from '../contracts/routes/identity.ts'
import { exitCodes, UsageError, type CliCommand, type CliIo } from './cli.ts'
import { sessionText } from './remote.ts'

const asked = {
  email: { variable: 'COUNTERSIGN_EMAIL', question: 'E-mail: ', answer: 'shown' },
  password: { variable: 'COUNTERSIGN_PASSWORD', question: 'Password: ', answer: 'hidden' },
  code: { variable: 'COUNTERSIGN_CODE', question: 'One-time code: ', answer: 'shown' },
} as const

/** `login`: signs in with password and one-time code, and keeps the session in the file for the other commands. */
export function loginCommand(): CliCommand {
  return {
    name: 'login',
    summary: 'Sign in and keep the session in the file that COUNTERSIGN_SESSION names',
    run: async ({ io, print }) => {
      const { COUNTERSIGN_URL: baseUrl, COUNTERSIGN_SESSION: file } = io.env
      if (baseUrl === undefined || !URL.canParse(baseUrl))
        throw new UsageError('set COUNTERSIGN_URL to the address of the server')
      if (file === undefined || file === '')
        throw new UsageError('set COUNTERSIGN_SESSION to the file that shall hold the session')
      const email = await answerTo('email', io)
      const password = await answerTo('password', io)
      const code = await answerTo('code', io)
      const cookies = new Map<string, string>()
      const routes: readonly Route[] = [startSession]
      const client = createClient(routes, { baseUrl, cookies, fetch: io.fetch })
      const { person } = await client.call(startSession, { body: { email, password, code } })
      await io.writeFile(file, sessionText(baseUrl, cookies))
      print({ person, session: file }, `signed in as ${person}; the session is in ${file}`)
      return exitCodes.ok
    },
  }
}

/** From the environment, else from the terminal. There is no option for it: other users see a command line. */
async function answerTo(what: keyof typeof asked, io: CliIo): Promise<string> {
  const { variable, question, answer } = asked[what]
  const given = io.env[variable]
  if (given !== undefined && given !== '') return given
  if (io.ask === null) throw new UsageError(`there is no terminal to ask at; set ${variable}`)
  return (await io.ask(question, answer)).trim()
}
