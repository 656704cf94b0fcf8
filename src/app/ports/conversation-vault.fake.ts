import { hmacSha256 } from '../../kernel/index.ts'
import type { ConversationName, ConversationVault } from './conversation-vault.ts'
import { conversationMs, mostValues } from './conversation-vault.ts'

/** A vault in memory. `break` makes it unreachable, `forget` ends every conversation. */
export function fakeConversationVault(now: () => number = () => 0) {
  const conversations = new Map<string, { readonly until: number; readonly values: Map<string, string> }>()
  let [isBroken, opened, generation] = [false, 0, 0]

  const reach = (): void => {
    if (isBroken) throw new Error('the vault cannot be reached')
  }
  const vault: ConversationVault = {
    open: async (name: ConversationName) => {
      reach()
      opened += 1
      const id = JSON.stringify([name.deployment, name.key, ...name.marks])
      const known = conversations.get(id)
      const isLive = known !== undefined && now() < known.until
      if (!isLive) generation += 1
      const of = isLive ? known : { until: now() + conversationMs, values: new Map<string, string>() }
      conversations.set(id, of)
      const key = new TextEncoder().encode(`${id} ${of.until}`)
      return {
        code: (text) => hmacSha256(key, text),
        keep: async (values) => {
          reach()
          for (const [placeholder, value] of values)
            if (!of.values.has(placeholder)) of.values.set(placeholder, value)
          if (of.values.size > mostValues) throw new Error('the conversation holds too many values')
          return new Map([...values.keys()].map((name) => [name, of.values.get(name) ?? '']))
        },
        all: async () => {
          reach()
          return new Map(of.values)
        },
      }
    },
  }
  return {
    ...vault,
    break: () => void (isBroken = true),
    mend: () => void (isBroken = false),
    forget: () => conversations.clear(),
    get opened() {
      return opened
    },
    get generation() {
      return generation
    },
  }
}
