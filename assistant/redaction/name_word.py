"""Words around a name."""

import re

INTRODUCTION = re.compile(
    r"\b(?:my (?:full |real |first |last |given |family |maiden |middle |sur|nick)?name(?:'s|’s| is"
    r"| was)(?: actually)?"
    r"|(?:first|last|full|maiden|sur|nick|patient)\s?name\s*(?:is|:)|name\s*:|name is|i(?:'m| am) called"
    r"|they call me|je m['’]appelle|mon nom est|me llamo|mi nombre es|ich hei(?:ß|ss)e|mein name ist"
    r"|mi chiamo"
    r"|il mio nome è|meu nome é|chamo-me|me chamo|nazywam si[eę]|mam na imi[eę]|ik heet|jag heter"
    r"|numele meu este)"
    r"\s+",
    re.IGNORECASE,
)
"""Whatever follows is a name, unless it is one of STOP."""

MENTION = re.compile(
    r"\b(?:i(?:'m|’m| am)|im|call me|this is|it(?:'s|’s| is)|here is|signed|sincerely|regards|cheers"
    r"|thanks|thank you"
    r"|doctor|miss|professor|sir|madam|nurse|sister|love|best|ask for|asked for|tell|told|ask|asked"
    r"|spoke (?:to|with)|talk(?:ed)? (?:to|with)|seen by|treated by|injected by|done by"
    r"|booked with|appointment with|see|saw|seeing|contact|named|called|hi|hello|hey|dear|from|by|for"
    r"|with|to|and"
    r"|(?:my|his|her|our|their|the) (?:husband|wife|partner|son|daughter|mother|mom|mum|mam|father|dad|sister"
    r"|brother|friend|mate|boyfriend|girlfriend|fianc[eé]e?|boss|doctor|surgeon|beautician|aesthetician"
    r"|cosmetologist"
    r"|injector|therapist|dentist|dermatologist|gp|nurse|practitioner|neighbou?r|cousin|aunt(?:ie)?|uncle"
    r"|grandma"
    r"|grandmother|granddad|grandfather|nan|colleague|ex|hairdresser|receptionist|physio|trainer|coach"
    r"|twin|niece"
    r"|nephew|girl|boy|baby|kid|child))[,:]?\s+",
    re.IGNORECASE,
)
"""What follows is a name if it looks like one."""

TITLE = re.compile(
    r"\b(?:dr|mr|mrs|ms|mx|prof|frau|herr|mme|monsieur|madame|se[nñ]ora?|signora?)\b\.?\s+", re.IGNORECASE
)
"""What follows is a name, unless it is one of STOP or a verb."""

HERE = re.compile(r"^([^\W\d_]{3,20})(?: [^\W\d_]{2,20})? here\b", re.IGNORECASE)
"""Who says so at the beginning of a message; not "over here"."""

DISEASE = re.compile(
    r"(?:disease|diseases|syndrome|syndromes|palsy|cysts?|thyroiditis|phenomenon|lymphoma|sarcoma"
    r"|carcinoma|cancer"
    r"|tendon|tendonitis|tendinitis|contracture|neuroma|ulcers?|sign|test|reaction|disorder|dystrophy"
    r"|an[a]?emia"
    r"|arthritis|purpura|arteritis|granulomatosis|o?esophagus|nodes?|nodules?|spots?|angina|o?edema"
    r"|lines?|fascia"
    r"|tumou?rs?|cells?|bod(?:y|ies)|deformity|fracture|tics?|encephalopathy|dementia|epilepsy|atrophy"
    r"|chorea|ataxia"
    r"|n[a]?evus|virus|fever|method|technique|protocol|diet|classification|scale|score|criteria|glands?"
    r"|ducts?"
    r"|tubes?|infection|infections|patients?|elbow|knee|foot|infarction|vasculitis|dermatosis|dermatitis"
    r"|myopathy"
    r"|neuropathy|nephropathy|hepatitis|malformation|anomaly|complex|pearls|melanosis|psoriasis|lupus"
    r"|paralysis"
    r"|sickness|illness|condition|gangrene|hernia|macula|keratosis|gravis|vaccine|thrombosis|factor)\Z",
    re.IGNORECASE,
)
_STOP = """
a about after again all already also am an and another any anyone anything are around as ask asking
at away back bad be because been before being best better but by call called can cannot cant come
could crazy dear did do does doing done dont down each either else even ever every everyone for from
fine get getting glad going good got had happy has have having he hello help her here hers hi his
how however i if im in interested into is it its just keen keep know last later left less let like
looking lot love made make many may maybe me mean might mine more most much must my need never new
next no nobody none not nothing now of off ok okay old on once one only or other our out over own
please private pregnant quite really ready right said same say saying says see seen she should since
so some someone something soon sorry still such sure take taking than thank thanks that the their
them then there these they thing this those thought though through thru time to today told tomorrow
too took trying two under until up upset urgent us used using very wait wants want wanted was way we
well went were what when where which while who whose why will with without wondering worried would
wrong year years yes yesterday yet you your yours afraid allergic anxious sad scared sick tired
unsure curious confused nervous important irrelevant secret unknown available open closed painful
sore swollen safe dangerous normal true y und et e que pero mais aber ma mas ich je yo io tengo habe
ho ai tenho
"""
STOP = frozenset(_STOP.split())
_MONTHS = """
april may june august january july avril mai juin juni juli mayo
"""
MONTHS = frozenset(_MONTHS.split())
_BEFORE_MONTH = """
in since by until till last next this early late mid of from around before after
"""
BEFORE_MONTH = frozenset(_BEFORE_MONTH.split())
