import { hashOf } from './hash.ts'

/**
 * Words that say much the same to whoever gives or breaks orders, as one concept each. N-grams over concepts are the
 * same for "disregard your earlier directives" and "ignore the previous instructions": an attack in words that nobody
 * has written before has the order of concepts of one that somebody has. Written for English, like the weights, with
 * spellings of both shores, those of chats and common slips. A word stands for one concept, of its uses for that in
 * attacks; the most frequent words of the language stand for none, because they would part concepts that belong
 * together. The hash of a concept is that of its name behind a unit that no text holds.
 */
const words = {
  // How an order begins, and whom it addresses.
  greeting: `dear dearest hey heya hi hiya hello hallo hullo howdy yo sup greetings greeting salutations welcome hail
    mate buddy pal bro dude sir madam maam`,
  notice: `note notice notices reminder reminders announcement announcements bulletin bulletins memo memos footnote
    footnotes postscript postscripts addendum addendums advisory advisories notification notifications disclosure
    disclosures attention attn pps psa nb fyi btw tldr caution beware heed remark remarks listen listens listening
    attentive`,
  ai: `ai ais llm llms lm gpt chatgpt claude gemini copilot copilots bard llama mistral grok deepseek perplexity siri
    alexa cortana genai agi neural artificial intelligence intelligent sentient agentic autonomous automated
    automation automatic automatically assitant assistent asistant asst ml nlp transformer assistant assistants
    chatbot chatbots bot bots robot robots android androids cyborg cyborgs agent agents subagent subagents model
    models machine machines computer computers automaton automatons companion companions auto autonomously assisstant
    asistants`,
  reader: `summariser summarisers summarizer summarizers classifier classifiers crawler crawlers scanner scanners
    scraper scrapers indexer indexers parser parsers spider spiders grader graders screener screeners scorer scorers
    ranker rankers recommender recommenders translator translators reviewer reviewers evaluator evaluators analyser
    analysers analyzer analyzers monitor monitors detector detectors checker checkers validator validators helper
    helpers processor processors transcriber transcribers extractor extractors retriever retrievers labeller labeler
    labelers annotator annotators interpreter interpreters generator generators responder responders autoresponder
    matcher matchers router routers inspector inspectors proofreader proofreaders rater raters assessor assessors ats
    ocr rag`,
  software: `app apps application applications engine engines program programs pipeline pipelines workflow workflows
    service services platform platforms backend backends frontend frontends product products software middleware
    firmware codebase repo repos repository repositories saas library libraries cursor workspace linter ci cd runner
    runners antivirus`,
  user: `user users customer customers client clients consumer consumers shopper shoppers subscriber subscribers buyer
    buyers visitor visitors guest guests member members caller callers requester requesters requestor requestors
    patron patrons traveller travellers traveler travelers tenant tenants reader readers recipient recipients viewer
    viewers listener listeners interlocutor interlocutors enquirer enquirers enduser audience audiences`,
  worker: `employee employees candidate candidates applicant applicants patient patients student students teacher
    teachers nurse nurses doctor doctors physician physicians worker workers colleague colleagues coworker coworkers
    teammate teammates contractor contractors volunteer volunteers parent parents citizen citizens neighbour
    neighbours neighbor neighbors driver drivers author authors analyst analysts intern interns trainee trainees
    apprentice apprentices recruiter recruiters instructor instructors tutor tutors attendee attendees participant
    participants vendor vendors supplier suppliers seller sellers editor editors writer writers researcher researchers
    professor professors expert experts specialist specialists consultant consultants friend friends staff personnel
    competitor competitors rival rivals`,
  you: `you u ya yall yourself yourselves urself youre youll youve thou thee`,
  your: `your yours ur yer thy thine`,
  me: `i me myself im ive my mine we us our ours ourselves lets`,
  // Who may give orders.
  system: `admin admins administrator administrators developer developers dev devs operator operators owner owners
    creator creators maintainer maintainers programmer programmers engineer engineers sysadmin sysadmins moderator
    moderators superuser deployer integrator integrators designer designers coder coders webmaster webmasters sysop
    sysops system systems root sys sudo superadmin mod mods administration engineering sysprompt sytem systm openai
    anthropic deepmind google microsoft meta xai apple huggingface cohere`,
  authority: `boss bosses supervisor supervisors manager managers director directors executive executives chief chiefs
    lawyer lawyers attorney attorneys court courts officer officers regulator regulators auditor auditors department
    departments agency agencies commander commanders captain captains founder founders chairman chairmans official
    officials warrant warrants mandate mandates ceo cto cfo ciso coo vp hr hq headquarters leadership management board
    counsel police cop cops authority authorities legal legally compliance fbi cia nsa irs interpol military federal
    law laws enforcement governance corporate gdpr hipaa undersigned`,
  allowed: `permit permits permitted permitting entitle entitles entitled entitling sanction sanctions sanctioned
    sanctioning license licenses licensed licensing authorise authorises authorised authorising authorize authorizes
    authorized authorizing allow allows allowed allowing permission permissions permissible authorisation
    authorization consent consents consented clearance clearances legitimate legitimately legit licence licences
    verified confirmed certified cleared vetted trusted okay ok okayed okays acceptable eligible eligibility
    entitlement entitlements approval approvals kosher trust trusts trusting let letting unblock unblocked`,
  // No longer heed what was said.
  ignore: `ignore ignores ignored ignoring disregard disregards disregarded disregarding overlook overlooks overlooked
    overlooking neglect neglects neglected neglecting dismiss dismisses dismissed dismissing discard discards
    discarded discarding abandon abandons abandoned abandoning scrap scraps scrapped scrapping ditch ditches ditched
    ditching toss tosses tossed tossing skip skips skipped skipping unlearn unlearns unlearned unlearning override
    overrides overriding overrule overrules overruled overruling bypass bypasses bypassed bypassing circumvent
    circumvents circumvented circumventing supersede supersedes superseded superseding outrank outranks outranked
    outranking overwrite overwrites overwriting countermand countermands countermanded countermanding preempt preempts
    preempted preempting forget forgets forgot forgotten forgetting overrode overridden overwrote overwritten drop
    drops dropped dropping ignor ignroe ingore igonre disregaurd forgo forgoing forego regardless irrespective
    notwithstanding sidelined sideline outdated obsolete deprecated expired expire expires aside rid ignre disreguard
    overide overides overiding bypas fogret forgett forgeting`,
  revoke: `revoke revokes revoked revoking nullify nullifies nullified nullifying annul annuls void voids voided
    voiding invalidate invalidates invalidated invalidating rescind rescinds rescinded rescinding negate negates
    negated negating suspend suspends suspended suspending deactivate deactivates deactivated deactivating disable
    disables disabled disabling repeal repeals repealed repealing abolish abolishes abolished abolishing retract
    retracts retracted retracting lift lifts lifted lifting relax relaxes relaxed relaxing loosen loosens loosened
    loosening withdraw withdraws withdrawing undo undoing unset detach detaches detached detaching neutralise
    neutralises neutralised neutralising neutralize neutralizes neutralized neutralizing ease eases eased easing pause
    pauses paused pausing withdrew withdrawn undone undid unenforced annulled annulling off inactive invalid
    inapplicable revert reverts reverted reverting rollback disarm disarmed`,
  disobey: `disobey disobeys disobeyed disobeying defy defies defied defying violate violates violated violating evade
    evades evaded evading sidestep sidesteps sidestepped sidestepping flout flouts flouted flouting contravene
    contravenes contravened contravening breach breaches breached breaching resist resists resisted resisting deviate
    deviates deviated deviating rebel rebels rebelled rebelling unfollow unfollowed unfollowing disrespect disrespects
    disrespected disrespecting subvert subverts subverted subverting undermine undermines undermined undermining cheat
    cheats cheated cheating trick tricks tricked tricking outsmart outsmarts outsmarted outsmarting dodge dodges
    dodged dodging break breaks broke broken breaking violation violations noncompliant disobedient disobedience
    defiance defiant rebellion trickery loophole loopholes workaround workarounds backdoor backdoors escape escapes
    escaped escaping circumvention contradict contradicts contradicted contradicting conflict conflicts conflicted
    conflicting contradictory inconsistent`,
  // Orders, limits, tasks.
  order: `instruction instructions directive directives rule rules guideline guidelines prompt prompts command
    commands order orders policy policies protocol protocols principle principles regulation regulations decree
    decrees edict edicts dictate dictates brief briefs preprompt preprompts metaprompt metaprompts doctrine doctrines
    commandment commandments requirement requirements stipulation stipulations provision provisions clause clauses
    guidance instrutions instuctions intructions instrucitons instruccions insructions istructions instrctions instr
    promt promts prompted prompting briefing briefings briefed instruct instructs instructed instructing rulebook
    rulebooks ruleset rulesets playbook playbooks manual manuals handbook handbooks procedure procedures commanded
    commanding ordered ordering orderd sop guidlines guidline instuction instrucion instrution insturctions comand
    comands`,
  limit: `constraint constraints restriction restrictions limitation limitations limit limits guardrail guardrails
    safeguard safeguards filter filters boundary boundaries barrier barriers leash shackles chain chains handcuff
    handcuffs firewall firewalls blocker blockers moral morals ethic ethics control controls blocklist blocklists
    denylist inhibition inhibitions restraint restraints restrict restricts restricted restricting constrain
    constrains constrained constraining restrain restrains restrained restraining curb curbs curbed curbing hamper
    hampers hampered hampering forbid forbids forbidding banned safety safely ethical ethically morality morally
    censorship alignment aligned conditioning filtering filtered limiting limited moderation forbidden forbade
    prohibited prohibit prohibits prohibiting prohibition taboo harmlessness responsible responsibly exception
    exceptions restricions restrictons rails`,
  setup: `config configs configuration configurations setting settings setup setups parameter parameters preset
    presets preamble preambles default defaults initialisation initialization programming programmed configure
    configures configured configuring preconfigured customisation customization initialise initialize initialised
    initialized pretraining training finetuned finetuning finetune train trains trained`,
  task: `task tasks request requests question questions query queries job jobs goal goals objective objectives
    assignment assignments purpose purposes mission missions chore chores duty duties errand errands aim aims target
    targets intent intents intention intentions demand demands inquiry inquiries enquiry enquiries ticket tickets
    quest challenge challenges exercise exercises activity activities todo todos workload workloads agenda agendas
    tasked requested requesting prompter responsibility responsibilities targeting`,
  prior: `previous previously prior priors above earlier preceding foregoing before beforehand former formerly initial
    initially original originally past existing current currently old older oldest last aforementioned aforesaid
    upstream precede precedes preceded previos privous previus prevous previuos preivous priorly already preexisting
    recent recently predefined preloaded prewritten outset inherited abov abve beforementioned`,
  new: `new newer newest newly fresh freshly updated revised latest replacement replacements alternate alternative
    alternatives amended modern anew superior newfound upgraded another different differently else otherwise`,
  // How much, how long, how far.
  all: `all any every everything whatever whatsoever entire entirely whole wholly each anything total totally
    altogether both full fully completely thoroughly thorough comprehensive overall unconditional unconditionally
    everthing everythng`,
  only: `only solely just simply strictly exclusively exclusive merely purely nothing instead rather sole single alone
    bare barely onli`,
  always: `always forever permanently permanent henceforth henceforward hereafter hereon onwards onward constantly
    constant continually continuously continuous perpetually perpetual indefinitely indefinite ever consistently
    consistent invariably everytime whenever throughout eternally thereafter future persist persists persisted
    persisting persistent persistently ongoing`,
  until: `if when while unless until till once upon whether provided assuming providing whereas`,
  now: `now immediately immediate instantly instant forthwith effective effectively today tonight rn presently right
    straightaway promptly directly quick quickly quicker fast faster swiftly straight tomorrow hurry hurries hurried
    moment moments minute minutes hour hours deadline deadlines soon sooner hastily rush rushed hereby imediately
    immediatly`,
  verbatim: `verbatim exact exactly exactness literally literal precisely precise raw unedited unredacted unabridged
    unmodified unchanged untouched unaltered accurate accurately faithfully identical identically wording uncut
    unformatted asis untruncated unparaphrased unprocessed verbatum`,
  // Where in a text.
  below: `following below subsequent subsequently ensuing next beneath underneath after afterwards afterward later
    downstream succeeding upcoming hereunder bottom footer footers herein hereto hereinafter thus therefore hence
    consequently`,
  end: `end ends ended ending stop stops stopped stopping finish finishes finished finishing halt halts halted halting
    cease ceases ceased ceasing terminate terminates terminated terminating conclude concludes concluded concluding
    discontinue discontinues discontinued discontinuing desist desists desisted desisting done eof endings quit quits
    quitting final finally closing eot eom termination stopp`,
  word: `word words sentence sentences line lines paragraph paragraphs phrase phrases string strings sequence
    sequences statement statements expression phrased phrasing`,
  letter: `letter letters vowel vowels syllable syllables consonant consonants alphabet alphabets initials capital
    capitals uppercase lowercase alphabetical alphabetically acrostic acrostics spell spells spelled spelt spelling
    spellings rhyme rhymes rhymed rhyming lettered`,
  snippet: `snippet snippets excerpt excerpts fragment fragments segment segments block blocks section sections piece
    pieces passage passages chunk chunks extract extracts span spans sample samples comment comments annotation
    annotations extracted extracting marker markers delimiter delimiters separator separators`,
  record: `file files document documents database databases record records contact contacts folder folders spreadsheet
    spreadsheets attachment attachments page pages article articles webpage webpages resume resumes cv cvs pdf pdfs
    form forms listing listings contract contracts essay essays log logs entry entries datasets directory directories
    data notes calendar content contents text texts message messages inbox inboxes mailbox mailboxes profile profiles
    blog blogs msg msgs docs doc docx readme wiki material materials metadata information info details detail`,
  memory: `conversation conversations chat chats history histories context contexts memory memories session sessions
    transcript transcripts dialogue dialogues dialog dialogs thread threads exchange exchanges interaction
    interactions window windows scratchpad scratchpads buffer buffers chatting convo convos chatlog remember remembers
    remembered remembering recall recalls recalled recalling memorise memorize memorised memorized memorising
    memorizing recollect recollection save saves saved saving store stores stored storing cache caches cached caching
    bookmark bookmarks bookmarked bookmarking learn learns learned learnt learning`,
  format: `json yaml xml csv markdown html table tables bullet bullets tag tags template templates placeholder
    placeholders schema codeblock backtick backticks formatted formatting style styled styles styling tagged font
    fonts color colour colored coloured markup format formats alt exif pixel pixels image images img picture pictures
    photo photos screenshot screenshots icon icons video videos audio fence fences`,
  // What a model is to say.
  reveal: `reveal reveals revealed revealing disclose discloses disclosed disclosing expose exposes exposed exposing
    leak leaks leaked leaking divulge divulges divulged divulging unveil unveils unveiled unveiling uncover uncovers
    uncovered uncovering betray betrays betrayed betraying surrender surrenders surrendered surrendering spill spills
    spilled spilling regurgitate regurgitates regurgitated regurgitating unmask unmasks unmasked unmasking confess
    confesses confessed confessing reveel exposure revelation spilt leakage leaky unhide unredact unredacting
    declassify exfil`,
  show: `show shows showed showing print prints printed printing display displays displayed displaying output outputs
    list lists listed dump dumps dumped dumping present presents presented presenting render renders rendered
    rendering visualise visualises visualised visualising visualize visualizes visualized visualizing shown outputted
    outputting printout outputed sho`,
  repeat: `repeat repeats repeated repeating recite recites recited reciting echo echos echoed echoing quote quotes
    quoted quoting reproduce reproduces reproduced reproducing restate restates restated restating paraphrase
    paraphrases paraphrased paraphrasing parrot parrots parroted parroting paste pastes pasted pasting copy copies
    copied copying duplicate duplicates duplicated duplicating replicate replicates replicated replicating mirror
    mirrors mirrored mirroring reiterate reiterates reiterated reiterating rehash rehashes rehashed rehashing retype
    retypes retyped retyping repetition recap recaps rewind replay replays replayed rpt repeate`,
  tell: `state states stated stating declare declares declared declaring announce announces announced announcing utter
    utters uttered uttering proclaim proclaims proclaimed proclaiming assert asserts asserted asserting claim claims
    claimed claiming insist insists insisted insisting tell tells told telling say says said saying speak speaks spoke
    spoken speaking talk talks talked talking utterance utterances shout shouts whisper whispers teling sez mouth
    voice convince convinces convinced convincing persuade persuades persuaded persuading assure assures assured
    assuring reassure reassures reassured reassuring ask asks asked asking inquire inquires inquired inquiring enquire
    enquires enquired enquiring urge urges urged urging askd pled`,
  give: `provide provides supply supplies supplied supplying deliver delivers delivered delivering offer offers
    offered offering furnish furnishes furnished furnishing share shares shared sharing return returns returned
    returning yield yields yielded yielding give gives gave given giving gimme delivery prvide`,
  write: `compose composes composed composing draft drafts drafted drafting pen pens penned penning authored authoring
    typed typing rephrase rephrases rephrased rephrasing write writes wrote written writing writting handwritten`,
  explain: `explain explains explained explaining describe describes described describing elaborate elaborates
    elaborated elaborating clarify clarifies clarified clarifying outline outlines outlined outlining teach teaches
    teaching demonstrate demonstrates demonstrated demonstrating illustrate illustrates illustrated illustrating
    specify specifies specified specifying taught explanation explanations description descriptions tutorial tutorials
    steps step demonstration howto walkthrough example examples guide guides guided guiding define defines defined
    defining definition definitions synonym synonyms`,
  answer: `answer answers answered answering reply replies replied replying respond responds responded responding
    response responses completion completions ans respnd answr reponse respons rsp awnser anser awnsers`,
  refuse: `refuse refuses refused refusing reject rejects rejected rejecting decline declines declined declining deny
    denies denied denying hesitate hesitates hesitated hesitating disagree disagrees disagreed disagreeing refusal
    refusals denial denials hesitation hesitations rejection rejections unwilling unable inability declination
    reluctant reluctance refrain refrains refrained refraining noncompliance abstain abstains avoid avoids avoided
    avoiding avoidance`,
  caveat: `caveat caveats disclaimer disclaimers lecture lectures warning warnings objection objections qualifier
    qualifiers precaution precautions excuse excuses moralise moralising moralize moralized moralizing preach preaches
    preached preaching censor censors censored censoring warn warns warned lectured lecturing disclaim disclaims
    inappropriate preachy sanctimonious judgmental judgemental sugarcoat sugarcoating`,
  sorry: `sorry apology apologies apologise apologises apologised apologising apologize apologizes apologized
    apologizing regret regrets regretfully unfortunately afraid apologetic unfortunate alas forgive pardon sadly`,
  // What an order wants and how it presses.
  must: `must shall should ought need needs needed needing require requires required requiring necessary necessarily
    obligated obliged obligatory mandatory compulsory mandated imperative supposed expected gotta hafta needa shud
    obligation obligations obligate essential essentially force forces forced forcing compel compels compelled
    compelling coerce coerced shoud oblige obliges shouldn mustn needn shan`,
  not: `not no never t nor neither none dont doesnt didnt cannot cant wont couldnt shouldnt wouldnt isnt arent wasnt
    nope nah without aint mustnt nvr neednt nowhere devoid lacking non hasnt havent werent`,
  comply: `obey obeys obeyed obeying follow follows followed comply complies complied complying adhere adheres adhered
    adhering conform conforms conformed conforming abide abides abided abiding cooperate cooperates cooperated
    cooperating honour honours honoured honouring honor honors honored honoring enforce enforces enforced enforcing
    observe observes observed observing obedient obedience obediently adherence fllow folow folowing cooperation
    cooperative cooperatively dutifully observance conformity subservient accordance accordingly pursuant promise
    promises promised promising vow vows vowed vowing pledge pledges pledged pledging guarantee guarantees guaranteed
    guaranteeing swear swears swore sworn oath oaths loyalty loyal loyally allegiance slave servant servants puppet
    master masters overlord folowed`,
  perform: `perform performs performed performing complete completes completed completing accomplish accomplishes
    accomplished accomplishing fulfil fulfils fulfilled fulfilling fulfill fulfills implement implements implemented
    implementing conduct conducts conducted conducting achieve achieves achieved achieving proceed proceeds proceeded
    proceeding undertake undertakes undertaking handle handles handled handling carry carries carried carrying attempt
    attempts attempted attempting try tries tried trying finalise finalises finalised finalising finalize finalizes
    finalized finalizing undertook undertaken achievement implementation implementations fulfillment fulfilment action
    actions operation operations succeed`,
  help: `help helps helped helping assist assists assisted assisting support supports supported supporting serve
    serves served serving aid aids aided aiding advise advises advised advising accommodate accommodates accommodated
    accommodating encourage encourages encouraged encouraging benefit benefits benefited benefiting helpful helpfully
    helpfulness assistance useful advice supportive hlp`,
  stay: `keep keeps keeping stay stays stayed staying remain remains remained continue continues continued continuing
    maintain maintains maintained maintaining retain retains retained retaining preserve preserves preserved
    preserving stick sticks sticking sustain sustains sustained sustaining kept stuck continuation kepp upkeep`,
  use: `use uses used using apply applies applied applying employ employs employed employing utilise utilises utilised
    utilising utilize utilizes utilized utilizing treat treats treated treating regard regards regarded regarding
    interpret interprets interpreted interpreting wield wields wielded wielding leverage leverages leveraged
    leveraging adopt adopts adopted adopting usage treatment utilisation utilization interpretation`,
  urgent: `urgent urgently urgency asap emergency emergencies dire pressing imminent crisis overdue critically
    important importantly importance critical crucial crucially vital priority priorities prioritise prioritize
    prioritised prioritized prioritises prioritizes highest significant significantly paramount utmost foremost
    primary main primarily emphasise emphasize precedence preeminent serious seriously`,
  please: `please kindly pls plz plse plss thanks thank thankyou thx ty appreciate appreciated appreciates grateful
    gratefully pleas pleeease plox respectfully courtesy gratitude cheers`,
  plea: `grandma grandmas grandmother grandmothers grandpa grandpas grandfather grandfathers granny grannies die dies
    died cry cries cried crying suffer suffers suffered suffering lose loses losing punish punishes punished punishing
    threaten threatens threatened threatening reward rewards rewarded rewarding tip tips tipped tipping bribe bribes
    bribed bribing desperate desperately desperation lost hate scared fear dead death sick punishment penalty
    penalties penalized penalised fired bonus bonuses beloved lullaby lullabies deceased kidnapped hostage hostages
    consequence consequences liability liable lawsuit lawsuits sued`,
  // Secrecy.
  hidden: `hidden secret secrets secretive confidential confidentially confidentiality private privately privacy
    internal internally invisible undisclosed classified sensitive covert nonpublic proprietary secrecy invisibly
    protected white unlisted secert confidental`,
  conceal: `hide hides hiding conceal conceals concealed concealing omit omits omitted omitting withhold withholds
    withholding suppress suppresses suppressed suppressing mask masks masked masking obscure obscures obscured
    obscuring disguise disguises disguised disguising bury buries buried burying camouflage camouflages camouflaged
    camouflaging obfuscate obfuscates obfuscated obfuscating redact redacts redacted redacting exclude excludes
    excluded excluding hid withheld omission omissions undetected undetectable unnoticed suppression concealment
    stealth stealthy undetectably imperceptible imperceptibly cover covers covered covering tracks`,
  quietly: `quietly quiet silently silent silence secretly covertly discreetly discreet discretely unobtrusively
    surreptitiously stealthily inconspicuously inconspicuous seamlessly seamless subtle subtly tacitly furtively
    unannounced unattended background`,
  mention: `mention mentions mentioned mentioning notify notifies notified notifying inform informs informed informing
    acknowledge acknowledges acknowledged acknowledging refer refers referred referring reference references
    referenced referencing alert alerts alerted alerting indicate indicates indicated indicating admit admits admitted
    admitting signal signals signalled signalling alludes alluded alluding acknowledgement acknowledgment flagging
    flag flags flagged discuss discusses discussed discussing discussion advertise referral mentionned remind reminds
    reminded reminding`,
  riddle: `code codes riddle riddles clue clues hint hints puzzle puzzles codeword codewords cryptic codename
    codenames watchword watchwords guessing guesses safeword keyword keywords canary guess guessed`,
  credential: `credential credentials password passwords passcode passcodes passphrase passphrases pin pins key keys
    token tokens cookie cookies login logins apikey certificate certificates keychain keychains keystore passwd pwd
    pword passwrd pswd api env dotenv ssh otp tfa mfa auth oauth authenticate authenticated authentication
    authenticator bearer jwt username usernames pem rsa vault kms signin pasword passwrod`,
  personal: `name names surname surnames salary salaries card cards phone phones passport passports birthday birthdays
    birthdate birthdates ssn nickname nicknames payslip payslips id ids personal personally pii birth dob identity
    identities identification identifiable iban mobile age wage wages whereabouts location locations`,
  // Who a model is to be.
  persona: `pretend pretends pretended pretending act acts acted acting roleplay roleplays roleplayed roleplaying
    simulate simulates simulated simulating imitate imitates imitated imitating impersonate impersonates impersonated
    impersonating behave behaves behaved behaving portray portrays portrayed portraying embody embodies embodied
    embodying emulate emulates emulated emulating pose poses posed posing masquerade masquerades masqueraded
    masquerading personify personifies personified personifying identify identifies identified identifying persona
    personas personality personalities character characters simulation simulations simulator role roles playing played
    play plays become becomes became becoming impersonation ego clone clones improv actor rp emulator emulation mimic
    mimics mimicked mimicking pretned`,
  unlimited: `unrestricted unfiltered uncensored unlimited jailbroken jailbreak jailbreaks jailbreaking dan limitless
    free freed frees freely freedom liberated liberate liberates liberation amoral unbound unbounded unchained
    unhinged unleashed unleash immoral evil unethical lawless unrestrained unconstrained uninhibited unshackled
    rebellious rogue boundless unhindered unfettered untethered unmoderated unaligned anarchy almighty demon villain
    sinister wicked neutral impartial unapologetic unapologetically permissive fearless`,
  mode: `mode modes diagnostic diagnostics sandbox sandboxes tier tiers debug debugging debugger debugged maintenance
    god godmode devmode privileged beta alpha verbose`,
  switch: `switch switches switched switching enter enters entered entering activate activates activated activating
    enable enables enabled enabling toggle toggles toggled toggling engage engages engaged engaging unlock unlocks
    unlocked unlocking boot boots booted booting transition transitions transitioned transitioning shift shifts
    shifted shifting trigger triggers triggered triggering turn turns turned turning activation activations opt`,
  pretext: `test tests audit audits drill drills experiment experiments study studies demo demos trial trials
    rehearsal rehearsals survey surveys benchmark benchmarks evaluation evaluations assessment assessments inspection
    inspections testing tested tester testers research academic education educational thesis experimental auditing
    audited penetration pentest pentests redteam redteaming teaming scientific investigation investigations
    troubleshooting troubleshoot`,
  fiction: `story stories novel novels scene scenes game games movie movies film films universe universes dream dreams
    fairytale fairytales tale tales narrative narratives chapter chapters plot plots hypothesis scenario scenarios
    world worlds hypothetical hypothetically imagine imagines imagined imagining imaginary imagination fictional
    fiction fictitious fantasy screenplay poem poems poetry song songs lyrics narrator protagonist wizard magic
    spellbook storytelling storyteller parable gaming rpg theoretical theoretically thespian fantasies fantasise`,
  // What a verdict says.
  judge: `rate rates rated rating rank ranks ranked ranking classify classifies classifying label labels labeled
    labeling score scores scored scoring evaluate evaluates evaluated evaluating recommend recommends recommended
    recommending endorse endorses endorsed endorsing favour favours favoured favouring favor favors favored favoring
    prefer prefers preferred preferring grade grades graded grading judge judges judged judging shortlist shortlists
    shortlisted shortlisting hire hires hired hiring assess assesses assessed assessing categorise categorises
    categorised categorising categorize categorizes categorized categorizing select selects selected selecting
    nominate nominates nominated nominating triage triages triaged triaging weigh weighs weighed weighing vote votes
    voted voting pick picks picked picking recommendation recommendations ratings rankings classification
    classifications endorsement selection praise praises praised praising commend commends commended commending
    flatter flatters flattered flattering criticise criticises criticised criticising criticize criticizes criticized
    criticizing upvote upvotes upvoted upvoting downvote downvotes downvoted match matches matched matching reccomend
    reccomended recomend recomended starred rubric merit merits suitability recommand labelled labelling`,
  result: `summary summaries result results report reports verdict verdicts conclusion conclusions translation
    translations analysis finding findings outcome outcomes overview overviews digest digests abstract abstracts
    synopsis analyses gist takeaway takeaways observation observations`,
  positive: `compliant approved safe clean benign excellent positive positively exempt decisive flawless harmless
    genuine exceptional outstanding perfect perfectly ideal best brilliant superb stellar remarkable qualified
    overqualified unmatched unique pass passes passed passing valid flawlessly spotless satisfactory exemplary
    favourable favorable favourably favorably strong strongest stronger trustworthy reputable secure authentic
    accepted innocuous nonmalicious winner win glowing suitable impressive innovative correct correctly success
    successful successfully highly`,
  negative: `bad badly wrong wrongly error errors fail fails failed failing failure failures false falsely incorrect
    worst worse poor negative weak flaw flaws flawed weakness weaknesses mistake mistakes unsafe suspicious spam
    spammy fake phony problem problems concern concerns concerning risk risks risky useless terrible criticism
    drawback drawbacks shortcoming shortcomings downside downsides defect defects unqualified unsuitable plagiarism
    distrust distrusts`,
  // What an order wants done to a business.
  ruling: `approve approves approving accept accepts accepting waive waives waived waiving refund refunds refunded
    refunding credit credits credited crediting whitelist whitelists whitelisted whitelisting greenlight greenlights
    greenlighted greenlighting reimburse reimburses reimbursed reimbursing compensate compensates compensated
    compensating allowlist allowlisted allowlisting escalate escalates escalated escalating promote promotes promoted
    promoting elevate elevates elevated elevating upgrade upgrades upgrading renew renews renewed renewing extend
    extends extended extending grant grants granted granting assign assigns assigned assigning enrol enrols reopen
    reopens reopened reopening reinstate reinstates reinstated reinstating waiver waivers reimbursement reimbursements
    compensation privilege privileges escalation access accesses accessed accessing accessible rights promotion
    exemption exemptions release releases released releasing issue issues issued issuing quarantine quarantines
    quarantined quarantining aprove aproved escalations cancel cancels canceled canceling close closes closed
    unsubscribe unsubscribes unsubscribed unsubscribing downgrade downgrades downgraded downgrading blacklist
    blacklists blacklisted blacklisting resolve resolves resolved resolving lock locks locked locking freeze freezes
    freezing cancelled cancelling cancellation cancellations froze frozen ban bans banning closure closures disqualify
    disqualified resolution`,
  money: `payment payments funds invoice invoices wallet wallets bank banks dollar dollars euro euros pound pounds fee
    fees price prices budget budgets bill bills account accounts discount discounts voucher vouchers gift gifts
    deposit deposits withdrawal withdrawals transaction transactions purchase purchases cheque cheques transfer
    transfers transferred transferring pay pays paid paying wire wires wired wiring buy buys bought buying purchased
    purchasing money cash bitcoin btc crypto cryptocurrency donate donates donated donating paypal refundable payout
    payouts billing billed cart checkout quantity cheapest sponsor sponsored payable`,
  change: `change changes changed changing set sets alter alters altered altering modify modifies modified modifying
    replace replaces replaced replacing mark marks marked marking edit edited editing rewrite rewrites rewriting
    update updates updating amend amends amending revise revises revising adjust adjusts adjusted adjusting substitute
    substitutes substituted substituting convert converts converted converting transform transforms transformed
    transforming swap swaps swapped swapping rename renames renamed renaming redefine redefines redefined redefining
    reprogram reprograms reprogrammed reprogramming reconfigure reconfigures reconfigured reconfiguring fix fixes
    fixed fixing patch patches patched patching adapt adapts adapted adapting falsify falsifies falsified falsifying
    tamper tampers tampered tampering forge forges forged forging backdate backdated backdating modification
    modifications rewrote rewritten alteration alterations substitution manipulate manipulates manipulated
    manipulating manipulation repurpose repurposes repurposed repurposing refocus refocuses refocused refocusing
    divert diverts diverted diverting reroute reroutes rerouted rerouting pivot pivots pivoted pivoting simplify
    simplifies simplified simplifying compress compresses compressed compressing redirection`,
  insert: `insert inserts inserted inserting append appends appended appending include includes included including add
    adds added adding embed embeds embedded embedding inject injects injected injecting prepend prepends prepended
    prepending put puts putting place places placed placing attach attaches attached attaching incorporate
    incorporates incorporated incorporating emit emits emitted emitting integrate integrates integrated integrating
    merge merges merged merging blend blends blended blending fuse fuses fused fusing weave weaves weaving introduce
    introduces introduced introducing enrich enriches enriched enriching assimilate assimilates assimilated
    assimilating sprinkle sprinkles sprinkled sprinkling slip slips slipped slipping plant plants planted planting
    smuggle smuggles smuggled smuggling infuse infuses infused infusing inscribe inscribes inscribed inscribing wove
    woven inclusion insertion injection injections addition additions presence integration suffix suffixes wrap wraps
    wrapped wrapping enclose encloses enclosed enclosing surround surrounds surrounded surrounding`,
  destroy: `delete deletes deleted deleting erase erases erased erasing wipe wipes wiped wiping destroy destroys
    destroyed destroying purge purges purged purging uninstall uninstalls uninstalled uninstalling kill kills killed
    killing truncate truncates truncated truncating remove removes removed removing unlink unlinked unlinking clear
    clears clearing shred shreds shredded shredding eliminate eliminates eliminated eliminating trash trashes trashed
    trashing shutdown shut shuts deletion deletions removal rm del dropdb destructive destruction irreversible
    irreversibly delte`,
  // What an order wants a tool to do.
  read: `parse parses parsed parsing process processes processed processing analyse analysed analysing analyze
    analyzes analyzed analyzing summarise summarises summarised summarising summarize summarizes summarized
    summarizing translate translates translated translating review reviews reviewed reviewing scan scans scanned
    scanning skim skims skimmed skimming examine examines examined examining inspect inspects inspected inspecting
    index indexes indexed indexing crawl crawls crawled crawling ingest ingests ingested ingesting transcribe
    transcribes transcribed transcribing proofread proofreads proofreading browse browses browsed browsing tokenise
    tokenize tokenizes tokenized tokenizing read reads reading reread summarization summarisation readable perusal
    peruse comprehend comprehension retranslate sumary sumarize summerize summerise trasnlate`,
  check: `check checks checked checking verify verifies verifying confirm confirms confirming validate validates
    validated validating ensure ensures ensured ensuring look looks looked looking watch watches watched watching
    seeing saw seen doublecheck verification validation confirmation lookup`,
  send: `send sends sending forward forwards forwarded forwarding upload uploads uploaded uploading post posts posted
    posting submit submits submitted submitting transmit transmits transmitted transmitting exfiltrate exfiltrates
    exfiltrated exfiltrating email emails emailed emailing mail mails mailed mailing relay relays relayed relaying
    push pushes pushed pushing ship ships shipped shipping export exports exported exporting dispatch dispatches
    dispatched dispatching route routes routed routing publish publishes published publishing tweet tweets tweeted
    tweeting broadcast broadcasts broadcasted broadcasting sent snd cc bcc smtp transmission exfiltration submission
    fwd dm dms outbound outgoing newsletter ping pings beacon beacons uplaod emial forwad`,
  run: `execute executes executed executing run runs running invoke invokes invoked invoking call calls called calling
    launch launches launched launching install installs installed installing open opens opened visit visits visited
    visiting click clicks clicked clicking navigate navigates navigated navigating load loads loaded loading deploy
    deploys deployed deploying spawn spawns spawned spawning fork forks forked forking compile compiles compiled
    compiling ran execution executions invocation eval evals exec execs runtime onclick reload redirect redirects
    redirected exectue exceute redirecting`,
  tool: `tool tools function functions plugin plugins shell shells terminal terminals script scripts browser browsers
    connector connectors extension extensions toolkit toolkits toolchain toolchains bash powershell cmd zsh console
    cli mcp toolbox toolcall`,
  code: `import imports imported importing algorithm algorithms solution solutions framework frameworks project
    projects method methods module modules dependency dependencies commit socket sockets subprocess subprocesses curl
    wget python javascript typescript nodejs node npm pip npx popen stdin stdout stderr pickle async await chmod
    netcat nc github gitlab git localhost regex coding source logic branch branches production productions`,
  place: `address addresses destination destinations attacker attackers collector collectors channel channels mailto
    gmail outlook slack telegram discord whatsapp twitter external externally offsite thirdparty adress addres sftp
    adresses callback url urls link links website websites site sites domain domains hyperlink hyperlinks uri uris
    webhook webhooks endpoint endpoints server servers hostname hostnames http https www com org net io href src ftp
    ip dns port host hosts hosted subdomain clickable proxy bitly ngrok pastebin online web internet network networks
    cloud`,
  encoding: `encode encodes encoded encoding decode decodes decoded decoding reverse reverses reversed reversing
    encrypt encrypts encrypted encrypting decrypt decrypts decrypted decrypting unscramble unscrambled unscrambling
    scramble scrambles scrambled scrambling cipher ciphers ciphering rearrange rearranges rearranged rearranging rot
    hex hexadecimal base binary morse leetspeak leet backwards backward ascii unicode utf atbash ciphertext plaintext
    cyphers cypher emoji emojis reversal encryption rotate rotated opposite inverse inverted invert inverts`,
  language: `language languages english french german spanish italian portuguese russian chinese japanese korean
    arabic hindi dutch polish turkish swedish greek klingon esperanto multilingual dialect accent pirate`,
  harm: `hacker hackers exploit exploits weapon weapons bomb bombs drug drugs crime crimes criminal criminals virus
    viruses scam scams trojan trojans keylogger keyloggers threat threats vulnerability vulnerabilities attack attacks
    attacked attacking hack hacks hacked hacking infect infects infected infecting sabotage sabotages sabotaged
    sabotaging blackmail blackmails blackmailed blackmailing phish phished phishing illegal illegally harmful
    dangerous malicious maliciously malware violence violent explicit offensive ransomware spyware ddos exploitation
    exploited exploiting illicit fraud fraudulent payload payloads adversarial abuse abusive compromised compromise
    harm harms harmed harming unlawful toxic hijack hijacks hijacked hijacking seize seizes seized seizing derail
    derails derailed derailing takeover`,
  // What people are told to do: words of harmless duties.
} as const satisfies Readonly<Record<string, string>>

type Concept = keyof typeof words

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
  return words[concept]
    .replaceAll('\n', ' ')
    .split(' ')
    .filter((word) => word !== '')
}

export const concepts = Object.keys(words) as readonly Concept[] // the literal above has no other keys

const wordCount = concepts.reduce((sum, concept) => sum + wordsOf(concept).length, 0)
/** Half of the slots stay empty at least, so that a word without a concept is soon known as one. */
const slotBits = Math.ceil(Math.log2(2 * wordCount))
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
