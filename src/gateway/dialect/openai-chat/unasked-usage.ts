import { memberAt, withoutMember } from '../../wire/member.ts'

/**
 * Takes out of an event what it says only because the gateway has asked for the usage: the member that is null in every
 * chunk but the last. `isHidden`: the event is the chunk that states the usage and nothing else; the caller gets none.
 * SPEC: OpenAI API reference, `stream_options.include_usage`.
 */
export function withoutUnaskedUsage(data: string): { readonly data: string; readonly isHidden: boolean } {
  if (!data.includes('usage"')) return { data, isHidden: false }
  const usage = memberAt(data, 'usage')
  if (usage === null) return { data, isHidden: false }
  if (data.slice(usage.valueFrom, usage.to) === 'null')
    return { data: withoutMember(data, 'usage'), isHidden: false }
  const choices = memberAt(data, 'choices')
  const isEmpty = choices !== null && /^\[\s*\]$/.test(data.slice(choices.valueFrom, choices.to))
  return { data, isHidden: isEmpty }
}
