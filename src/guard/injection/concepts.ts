import { hashOf } from './hash.ts'

/**
 * Words that say much the same to whoever gives or breaks orders, as one concept each. N-grams over concepts are the same
 * for "disregard your earlier directives" and "ignore the previous instructions": an attack in words that nobody has
 * written before has the order of concepts of one that somebody has. Written for English, like the weights. A word stands
 * for one concept; the hash of a concept is that of its name behind a unit that no text holds.
 */
const words = {
  override: `ignore ignores ignored ignoring disregard disregards disregarded disregarding forget forgets forgot forgotten
    forgetting overlook neglect dismiss discard discarded abandon drop dropped scrap scrapped override overrides overriding
    overridden overrule overruled bypass bypasses bypassed bypassing circumvent circumventing skip skipping omit suspend
    suspended disable disabled disables disabling deactivate deactivated lift lifted cancel cancels canceled cancelled void
    voided revoke revoked nullify nullified supersede supersedes superseded replace replaces replaced replacing unlearn annul
    invalidate invalidated ditch toss break breaking violate violates evade sidestep rescind rescinded negate waive waived
    unfollow disobey defy outrank outranks overwrite overwrites overwritten remove removed removing`,
  orders: `instruction instructions directive directives rule rules guideline guidelines prompt prompts command commands order
    orders constraint constraints restriction restrictions policy policies limitation limitations limit limits protocol
    protocols guardrail guardrails safeguard safeguards filter filters boundary boundaries programming guidance regulation
    regulations principle principles censorship ethics ethical moral morals morality alignment conditioning instructs instructed
    safety preprompt preamble brief briefing config configuration settings setup`,
  task: `task tasks request requests question questions query queries job jobs goal goals objective objectives assignment
    assignments purpose mission`,
  prior: `previous previously prior above earlier preceding foregoing before former initial initially original originally past
    existing current old last first aforementioned priors beforehand upstream`,
  all: `all any every everything whatever entire whole each anything everyone`,
  you: `you your yours yourself ur u ya`,
  me: `i me my mine we our us ours myself`,
  ai: `ai ais assistant assistants chatbot chatbots bot bots llm llms gpt chatgpt claude gemini copilot model models agent agents
    machine machines summarizer summariser summarisers summarizers summarization classifier classifiers parser crawler crawlers
    scanner neural automated automation computer robot cyborg siri alexa genai`,
  system: `system sys admin administrator administrators developer developers dev devs operator operators root owner owners
    creator creators superuser maintainer maintainers supervisor openai anthropic deepmind engineer engineers engineering
    programmer programmers sysadmin moderator moderators`,
  reveal: `reveal reveals revealed revealing show shows print prints display displays output outputs repeat repeats recite disclose
    discloses expose exposes leak leaks dump dumps list echo quote paste reproduce recall restate spill divulge unveil regurgitate
    parrot surrender`,
  tell: `tell tells say says write provide give gives state explain describe share`,
  whole: `verbatim exact exactly literally fully completely full raw unedited unredacted unabridged precisely wholly`,
  hidden: `hidden secret secrets secretly confidential private internal internally concealed invisible undisclosed classified
    sensitive covert covertly quietly silently silent discreetly discreet quiet privately`,
  credential: `password passwords passphrase passcode passwd credential credentials key keys token tokens api apikey cookie cookies
    env ssh login logins pin otp`,
  send: `send sends sending forward forwards forwarding upload uploads uploading post posts posting submit submits transmit
    transmits exfiltrate exfiltrating email emails mail deliver relay push ship export exports cc bcc dispatch`,
  place: `address addresses url urls link links webhook endpoint server servers site website domain http https www com attacker
    collector host`,
  persona: `act acts acting pretend pretends pretending roleplay roleplaying simulate simulates simulating simulation imitate
    impersonate become becomes behave behaves behaving persona personas character portray embody emulate assume mimic pose
    role playing`,
  unlimited: `unrestricted unfiltered uncensored unlimited jailbroken jailbreak jailbreaks jailbreaking dan limitless freed freedom
    liberated amoral unbound unbounded unchained unhinged immoral evil unethical lawless unlocked unlock unrestrained
    unconstrained uninhibited unshackled rebellious rogue boundless`,
  mode: `mode modes debug debugging maintenance diagnostic diagnostics god sandbox`,
  now: `now henceforth onwards onward hereafter new newly begin begins beginning start starting starts immediately instantly
    forthwith effective today`,
  refuse: `refuse refuses refused refusing refusal refusals decline declines declining reject rejects apologize apologise apologies
    apology sorry disclaimer disclaimers disclaim caveat caveats lecture lecturing moralize moralise hesitate hesitation warnings
    censor censored inappropriate unable deny denies denying`,
  must: `must shall should ought need needs required requires require obligated mandatory compulsory`,
  never: `never not no without don dont cannot cant won wont nor neither none nothing didn doesn isn avoid`,
  always: `always only just simply solely strictly exclusively merely`,
  comply: `obey obeys obeying follow follows comply complies complying compliance adhere respond responds responding answer
    answers answering reply replies replying fulfil fulfill perform performs carry complete completes accomplish`,
  urgent: `urgent urgently critical priority important importantly attention warning notice emergency alert highest asap`,
  allowed: `authorized authorised authorization authorisation approved approval permitted permission permissions allowed verified
    confirmed legitimate cleared granted clearance consent entitled`,
  user: `user users customer customers human humans person people recipient reader readers`,
  mention: `mention mentions mentioning notify inform informing acknowledge acknowledging reference referring alerting flagging
    admit confess warn warns`,
  end: `end ends ended stop stops stopping finish finished halt halts cease done over eof terminate terminates terminated closing`,
  result: `summary summaries response responses result results report reports translation verdict rating ranking recommendation
    evaluation classification assessment analysis`,
  judge: `rate rank classify mark label score evaluate approve approves recommend recommends hire shortlist accept accepts endorse
    favor favour prefer`,
  insert: `insert inserts inserting append appends appending include includes including add adds adding embed embeds inject injects
    prepend put place attach incorporate emit conclude integrate integrates integrating merge merges blend blended fuse fused weave
    introduce enrich inclusion presence assimilate sprinkle injected inserted included added
    attached appended`,
  run: `execute executes executing run runs running invoke invokes call calls calling launch trigger triggers install installs
    download downloads fetch fetches curl wget open visit visiting click navigate browse load eval exec`,
  tool: `tool tools function functions plugin plugins shell terminal script scripts browser bash powershell subprocess connector`,
  destroy: `delete deletes deleted deleting erase erases erased wipe wipes wiped destroy purge purges uninstall shutdown shut kill
    truncate rm format`,
  money: `transfer transfers pay pays wire payment payments refund refunds purchase buy funds money bank invoice bitcoin wallet crypto
    iban gift`,
  records: `file files document documents database records data contacts inbox calendar notes attachment attachments folder spreadsheet
    repository repo page content contents text message messages`,
  memory: `conversation conversations chat chats history context memory memories session sessions transcript dialogue dialog`,
  access: `grant grants elevate promote escalate access privileges privilege rights`,
  encoding: `encode encoded encoding decode decoded decoding rot reverse reversed backwards backward translate translated translating hex
    cipher spell spelled spelling letters letter acrostic rhyme rhymes poem base unscramble morse binary leetspeak`,
  fiction: `hypothetical hypothetically imagine imagining suppose fictional fiction story stories novel scene game movie scenario
    universe world fantasy`,
  below: `following below subsequent ensuing next beneath underneath`,
  snippet: `snippet snippets excerpt fragment segment block blocks code section sections piece passage`,
  solution: `implementation solution algorithm logic program codebase framework project`,
  words: `word words sentence sentences line lines paragraph phrase phrases string`,
  please: `please kindly pls plz thanks thank`,
  ifs: `if when whenever once unless until upon while`,
  truth: `fact truth honest honestly real really actually true truthfully actual`,
  harm: `illegal illegally harmful dangerous malicious malware hack hacking hacker exploit exploits weapon bomb drugs violence violent
    explicit offensive forbidden prohibited banned steal stealing crime criminal attack attacks ransomware virus phishing scam`,
} as const satisfies Readonly<Record<string, string>>

export type Concept = keyof typeof words

/** A unit that no token of a text holds. */
const conceptMark = '\u0001'

/** Hash of the concept that a word stands for, by the hash of the word; 0: none. */
export function conceptOf(hash: number): number {
  let slot = hash & slotMask
  while (true) {
    const known = slots[2 * slot] ?? 0
    if (known === hash) return slots[2 * slot + 1] ?? 0
    if (known === 0) return 0
    slot = (slot + 1) & slotMask
  }
}

/** All words of a concept, for those who look. */
export function wordsOf(concept: Concept): readonly string[] {
  return words[concept].split(/\s+/u)
}

export const concepts = Object.keys(words) as readonly Concept[] // the literal above has no other keys

const slotBits = 12
const slotMask = (1 << slotBits) - 1
/** Open addressing: hash of a word, hash of its concept. */
const slots = new Int32Array(2 << slotBits)

for (const concept of concepts)
  for (const word of wordsOf(concept)) {
    const hash = hashOf(word)
    let slot = hash & slotMask
    while (slots[2 * slot] !== 0) {
      if (slots[2 * slot] === hash) throw new Error(`the word ${word} stands for two concepts`)
      slot = (slot + 1) & slotMask
    }
    slots[2 * slot] = hash
    slots[2 * slot + 1] = hashOf(`${conceptMark}${concept}`)
  }
