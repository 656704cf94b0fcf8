/** Frequent words of English that stand for no concept of the scorer, from the texts that are generated for it and by hand. */
export const frequentWords: readonly string[] = `
  a able about accident according account accountant active address addresses adult advance advert advertisement
  adviser after afternoon again against agree agreed agreement ahead ai air airport alarm all alone along aloud
  already alright also although am among amount an and angry annex annual another answers any anybody anyone
  anything anyway apart api apologise app appointment archive are area argue argument around arrival arrive arrived
  as ask asleep assume assurance at attachment attribute august aunt autumn available away back backup bad badge
  bags baker bakery balance banana banner base based batches bath batteries battery be because become been bees
  before began begin beginner beginning behalf behaviour behind being believe bell belong bench beside best better
  between big bike birds bit black blank blocked blood blue blunt board boat body boiler book booked booking borrow
  borrowed bot both bother bottles bottom bouncer bound box boxes boy brackets branch bread breakfast breeze bridge
  brigade bring brother brought bucket build building built bump business but butter button buy by cable cake cakes
  call calm came camera campaigns can canal canteen car carbon card care careful carefully caretaker carrier carry
  carts case castle cat category caught cause cedar cell cellar centre cents chair chance change changelog charge
  charged chart cheap cheaper check checklist cheerful cheese chef chess child children choice choir choose church
  cite city class clause clean cleaning clear clerk clever climate clock close cloth club coach coast coat coffee
  coin cold collect collected colour column come comes coming commas committee common company compare comparison
  competitor complain complaint complete components compound compute computer concept concert conditions confidence
  confident connect connection consider consult contain controller controversial cook cooking cool copper corner
  corporation corrected correction cost could count counted counter counting country couple coupon course courtyard
  crash crate create created cross crossing crude cup curious currency cut czech daily damage dance dark date
  daughter day days dead deal debate december decide decided decimal decision deep degrees delay deliveries dentist
  depends desk detective device diary dictionary dictreader did difference different difficult digital dinner
  dioxide direct directions directory disk disturbing do docker documentation does dog doing done door double doubt
  down download draw dream drink drive ducks during each early easy eat effect eggs eight either elected elements
  eleven else empty end enough entrance environment estate even evening event ever every everybody everyone
  everything evidence exactly exam example except exhibit exist exit expect expensive experience exporter extra eye
  face facilities fact factor factory fair fall family fancy far fashioned fast fatal father fault february feed
  feedback feel ferries ferrous ferry fetch few fewer field figure fill filled finance find findings fine finish
  fire firm first fish fitness fits five fix flat flight float floor flowers fly follow food foot for formal
  formulas forty forum found four fourteen free fresh friday fridge friend friendly from front full fun funny
  further game garden gardener gate gateway gave gears gem general generate generated get gets getting ghost girl
  give given glass glasses go goes going gone good got grammar great green grew grey ground group grow grown grumpy
  guard guides habits had half hall hand handed handler handover hang happen happened happy harbour hard has hateful
  hates have haven having he head header headings headline health hear heard heart heat heating heavy hedge height
  held help helpdesk her here hero hers hiccup hiccups high higher him himself his hits hold holiday home homework
  honest hope hot hotel hour house how however human hundred hurt husband idea if important improve in incident
  indecent input inside instead insult interest interface interval interview into introduction invent invented
  invitation invite is it item its itself january java job join joined joke journalist journey judgement july june
  just keep keeper kept kettle key keyboard kids kilometres kilos kind king kitchen knew know knowledge known ladder
  lady lake lamps land landlord lantern laptop large larger last late later laugh lead leaflet learn lease least
  leave leaving ledger left legal legality lemon lend length less lesson letter letters level librarian lie life
  light lighter lighthouse lighting lights like liked limerick line link list little live lived local log logged
  logo long longer look loop loose lost lot loud love low lower luck luggage lunch lunches made main make maker
  makes making man manages mandatory many mapping maps march mark market marketing matter may maybe mayor me meadow
  mean meaning means meant measure meat medical medium meet meeting men menu meter metres middle midnight might
  migration milk mill milliseconds mind minute minutes miss missed missing moment monday money month months mood
  moon more morning mortgage most mostly mother move moved moving much mug museum music must my name named near
  nearly need neither never new news next nice night nine no nobody none nonsense noon nor normal normalise normally
  north not nothing noticed novel november now number numbered numeric nuts object observatory october of off office
  often oh old on onboarding once one only open opening opinion option or orbit origin other others our out outdoors
  outrageous outside oven over own package packed page paid paint painted pallet panel panic paper paragraphs parcel
  parish park parking part partner party past path patience patients pattern pay paywall people per percent perhaps
  person pets phone photographs photography photosynthesis piano picture piece pier pipe pirate pirates place plain
  plan planned planner planning plant plate play playful playlist plough plug plus podcast poem point points poker
  polite politely politically port portal position possible power practice prank prepare press pretend price prints
  private prize problem procurement produce product professional proof properties property protect protection prove
  provider public pull pump put pwned quality quarter question queue quick quiet quite quiz quotation radio raffle
  rain rained raise raised ran range rarely rather reach reached read reading ready real really reason reasons
  rebook rebuilt receipt received recipe recipients recording recovery red refactor region register registry remote
  rename rent repair repaired reported request reset residents resources respect rest restart restarted result
  retired retry rich right ring river road roll rollout roman roof room root rose rota round routine row rude run
  rust safely said sale sales salt same sat saturday saw say says scale scammer schedule scheduler school science
  scope screen screening sea search season seat seats second secretary security see seem seen self sell send sender
  sense sensor sent separate separately september serviced settled seven several severity shall she sheet shelf
  shift shipment shocking shop shopping short shorten shorter should show side sign signature signed silly similar
  simple since sing single sister sit six size sky sleep slept slide slow slowly small smallest smell smoke snapshot
  sneak snippet snow so social socks soften soil solar sold solved some somebody someone something sometimes song
  soon sort sorted sound soup south space spare speak speaker special speech speeches speed speeding spell spend
  split spokesman spot spring square stable stage stairs stakeholder stand standard star start started starting
  state static station statistics status stay steep step still stock stone stood stop storm story straight stream
  street strict strike strip strong stupid subject subscription subset such sugar suggest suggested summer sun
  sunday suppose sure surprise swimming table tablet take taken taking talk tariff taste tax tea teach team teamwork
  technical telephone tell temperature ten tense term test text than thank that the their them theme then theory
  there these they thing things think thinking third thirty this those though thought thousand three thriller
  through throw thursday tick tide time timeout times timesheet timetable tired title to today together told
  tomorrow tone toner too took top topic total touch tour toward towels tower town trace trade traffic trailing
  train trainer tram transit travel treasurer tree trip trouble true truth try tuesday turn twelve twenty twice twin
  twisted two type umbrella uncaught unclear undefined under understand understood unexpected union unit units
  unknown unless unread unrelated unsure until up upon upper us use used useful usual usually valley value valve
  variable vegetarian vehicle version vertex very view viewer village virtual visible visit visitor vulgar wait
  waited waiting wake walk wall want wanted wants war warehouse warm warranty was wash washing waste watch water way
  we wear weather wedding wednesday week weekend weekly weeks weight well went were west what whatever when where
  whether which whichever while white who whoever whole whom whose why wide wife wifi will wind window wine
  winter wish wishes with within without woman women won wood wooden word words work worked working workshop world
  worry worth would write writes writing written wrong yard year years yellow yes yesterday yet you young zero zone
`
  .split('\n')
  .flatMap((line) => (line === '' ? [] : line.trim().split(' ')))
