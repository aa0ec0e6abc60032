"""The words of reporting, of hedging and of roles, read from data."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from detente.evidence.testimony.branching import quickened


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


SAYING = frozenset({"say", "think", "deny", "doubt", "judge", "commit", "demand", "accuse"})
"""Sorts of verbs whose subject answers for what follows; those of sort ``know`` do not."""

OWN_MARKS = words_of(
    "as while because since although though after before when until till whereas so once"
)
"""Words that begin a clause which is a claim of its own."""
CONDITIONS = words_of("if unless provided lest")

BELIEVING = {
    **dict.fromkeys(
        words_of("adamant certain sure confident clear insistent convinced persuaded"), "asserts"
    ),
    **dict.fromkeys(
        words_of("hopeful optimistic pessimistic afraid fearful worried concerned"), "forecasts"
    ),
    **dict.fromkeys(words_of("doubtful sceptical skeptical unsure unconvinced"), "doubts"),
    **dict.fromkeys(words_of("sorry sad"), "regrets"),
}
"""Adjectives of thinking, with what their subject does with the clause behind them."""

NOUN_CONTENT = words_of(
    "announce confirm claim reiterate reaffirm affirm express voice stress emphasise emphasize "
    "underline underscore highlight report admit acknowledge concede allege predict forecast "
    "expect anticipate fear foresee envisage warn caution detail outline speak signal hint "
    "suggest complain boast estimate assess consider proclaim declare tell inform assure "
    "assert note reveal disclose imply indicate cite"
)
"""Verbs of saying and thinking whose noun object is a claim already: confirmed the losses."""

OUTSPOKEN = words_of(
    "blunt clear adamant firm frank categorical unequivocal emphatic explicit insistent candid "
    "terse curt brief succinct"
)
"""How somebody is who says what stands behind a colon: she was blunt: it is over."""

CONTENT_NOUNS = words_of(
    "doubt view statement claim belief assertion allegation suggestion idea fear hope warning "
    "promise "
    "pledge threat accusation charge argument denial position insistence conviction impression "
    "suspicion notion conclusion opinion contention rumour rumor report prediction forecast "
    "expectation assessment assurance admission complaint remark comment message demand faith "
    "confidence certainty theory thesis hunch worry concern insinuation boast verdict diagnosis "
    "testimony proposition consensus talk gossip whisper hypothesis feeling sense finding "
    "revelation vow oath excuse pretext lie myth narrative story tale line conceit illusion "
    "delusion fiction fantasy fallacy pretence pretense canard agreement perception thinking "
    "understanding wisdom point ground notice"
)
"""Nouns that hold what somebody says or thinks."""

LANGUAGE = words_of(
    "argot phrase slogan refrain mantra motto formula language rhetoric narrative idiom "
    "catchphrase jargon cry chant cliché verdict dictum"
)
"""Manners of speaking whose words may stand behind them in quotation marks."""

DOCUMENTS = words_of(
    "statement communique communiqué report letter note document text message declaration "
    "readout post tweet account release paper memo resolution"
)

ROLES = words_of(
    "minister president secretary ambassador envoy spokesman spokeswoman spokesperson chancellor "
    "premier general admiral colonel chief director adviser advisor official diplomat leader "
    "commander governor mayor senator lawmaker deputy professor analyst expert historian author "
    "economist researcher negotiator king queen prince representative chairman chairwoman chair "
    "commissioner mediator delegate head aide speaker candidate officer captain marshal major "
    "doctor judge prosecutor lawyer journalist correspondent columnist witness resident"
)
"""Words for what somebody is; such a word may stand for the person."""

WOMEN = words_of("ms mrs miss madam lady queen spokeswoman chairwoman princess")
MEN = words_of("mr sir lord king prince spokesman chairman")

TITLES = words_of(
    "mr mrs ms miss dr sir lord lady president prime minister foreign defence defense interior "
    "finance secretary chancellor premier ambassador general admiral colonel captain major "
    "professor senator king queen prince deputy vice chief spokesman spokeswoman spokesperson "
    "envoy special lieutenant marshal governor mayor commissioner state security"
)

PARTICIPLES_OF_HEARSAY = words_of(
    "say report believe think allege understand rumour rumor claim assume suspect suppose know "
    "consider expect estimate feel hold regard acknowledge accept whisper murmur mutter argue "
    "suggest fear hope agree admit concede recognise recognize imagine presume speculate predict "
    "hint gossip repute judge deem"
)
"""Verbs that in the passive name nobody: it is said, he is believed."""

ATTRIBUTION = words_of(
    "supply program programme order launch fire shoot arm finance fund train host target direct "
    "invent stage fake fabricate shell ambush poison bomb torpedo abduct assassinate murder train "
    "plant sabotage orchestrate sponsor provoke carry commit mastermind hack jam ram"
)
"""Verbs of doing what a claim may lay to somebody's charge."""
RESPONSIBILITY = re.compile(
    r"\b(?:responsib\w+|behind|to blame|at fault|complicit\w*|party to|culpab\w+|guilty|"
    r"blam(?:e|es|ed|ing)|accus(?:e|es|ed|ing)|involve[dm]\w*|(?:any|no|its|their|a) role|"
    r"denies role|culprits?|"
    r"perpetrat\w+|caused by|the work of|orchestrat\w+)\b",
    re.I,
)
THREATS = re.compile(
    r"\b(?:retaliat\w+|retribution|consequences|respond (?:in kind|with|to)|response|strike back|"
    r"punish\w*|be (?:met (?:with|by)|arrested|prosecuted|jailed|shot|expelled|hunted)|"
    r"respond (?:at|by|as|forcefully|decisively|accordingly)|face (?:consequences|retribution)|"
    r"(?:shoot|bring) down|bring\w* to (?:heel|justice)|live with what|"
    r"pay (?:a|the|dearly)|reprisals?|countermeasures|counter-measures|crush\w*|"
    r"destroy\w*|will regret|all necessary measures|answer(?:ed)? with force|"
    r"hit back|legitimate targets?)\b",
    re.I,
)
OFFERS = re.compile(
    r"^\W*if (?:\w+ ){1,4}(?:wish|want|like|agree|accept|ask|prefer)\w*\b.{0,60}"
    r"\b(?:we|I) (?:will|shall)\b|"
    r"\b(?:(?:ready|prepared|willing|open) to (?:talk|negotiate|discuss|host|help|share|meet|"
    r"mediate|compromise|cooperate|co-operate|work|accept|consider|sign|withdraw|return|resume|"
    r"hold|sit|provide|send|offer|assist|receive|listen|make)|"
    r"(?:mak|extend|renew|present|tabl|put)\w* (?:\w+ ){0,4}(?:offer|proposal)s?)\b",
    re.I,
)
SILENCE = re.compile(
    r"\b(?:(?:declin|refus)\w+ to (?:(?:\w+ ){0,2}comment|answer|say|discuss|elaborate|confirm|"
    r"respond|be drawn|speculate|go into|provide (?:any )?(?:details|comment)|release|name|"
    r"identify|specify|explain|disclose|reveal|share|take questions|give|be interviewed|"
    r"be named|deny|rule out|clarify|expand|address)"
    r"|(?:did|does|do|ha[sd]|have|would|could|will|wo|ca)(?: not|n['’]t) (?:give|offer|provide|"
    r"name|disclose|specify|identify|elaborate|explain|reveal|release|discuss|detail|describe|"
    r"clarify|expand|be drawn)\b(?! (?:up|in|way|ground)\b)(?! (?:\w+ ){0,3}(?:evidence|"
    r"proof|support|"
    r"basis|originals?|documents?|help|aid|weapons|troops|shelter|relief|protection|money|funds)\b)"
    r"|(?:was|were|is|are|has been|have been|remain\w*|stay\w*|kept) "
    r"(?:tight-?lipped|close-?mouthed|non-?committal)"
    r"|(?:fell|fall|falls|gone|went) silent|no word from|(?:took|takes?) no (?:questions|position|"
    r"stance|view|sides?)\b"
    r"|(?:did|does|do|would|will)(?: not|n['’]t) (?:care|wish|choose|want) to (?:say|"
    r"comment|discuss|"
    r"explain|elaborate|answer|speculate|go into|add)"
    r"|(?:gave|gives?|giving|offer(?:s|ed)|provid(?:es|ed)|named?|names|cit(?:es|ed)) no (?:cause|"
    r"motives?|timetable|timeline|dates?|grounds|particulars|indication|hint|clue|names?|answers?|"
    r"account|breakdown|estimate|sources?)"
    r"|(?:unwilling|reluctant) to (?:say|comment|discuss|explain|elaborate|answer)"
    r"|(?:would rather|prefer(?:s|red)?|chose|chooses|elect(?:s|ed)|opt(?:s|"
    r"ed)) not to (?:say|comment|"
    r"discuss|explain|elaborate|answer|reply|respond)"
    r"|(?:ha[sd]|have) (?:nothing (?:more |further )?to (?:say|add)|no (?:comment|answer|reply))"
    r"|chang(?:es|ed) the subject"
    r"|(?:would|will|did|does)(?: not|n['’]t) (?:talk|speak) (?:to|with) "
    r"(?:(?:a|the|any|this) )?(?:reporters?|press|media|newspapers?|journalists?|us|me)\b"
    r"|(?:brush|wav|shrugg?)\w* (?:off|aside|away) (?:\w+ ){0,3}questions?"
    r"|ignor\w+ (?:\w+ ){0,3}questions?|(?:left|leaves?) (?:\w+ ){1,3}unanswered"
    r"|(?:gave|g[ai]ves?|offer(?:s|ed)|provid(?:es|ed)) no (?:reason|details?|explanation|comment|"
    r"further|figures?)|no comment\b"
    r"|(?:ha[sd]|have|did|do|does)(?: not|n['’]t) (?:publicly |yet )*den(?:y|ied)"
    r"|nor (?:ha[sd]|have|did|do|does|would|will) \w+ (?:deny|denied|confirm\w*|comment\w*|say)"
    r"|(?:did|does|do|has|have|had|would|could|will)(?: not|n['’]t) (?:immediately |yet |"
    r"directly |publicly )*(?:comment|respond(?:ed)? to|repl(?:y|ied)|answer|elaborate|"
    r"say (?:(?:with|to|for|from|in|by) )?(?:whether|who|when|how|what|if|where|why|"
    r"which|more)|be (?:immediately )?reached|return)"
    r"|(?:keep|kept)\w* (?:its|their|his|her) (?:own )?counsel"
    r"|(?:held|holds?|bit|bites?) (?:its|their|his|her) tongue"
    r"|(?:said|uttered|breathed|say) (?:not )?a word\b"
    r"|(?:would|will)(?: not|n['’]t) confirm"
    r"|avoid(?:ed|s|ing)? (?:any |all |making )?(?:mention|comment|reference)"
    r"|(?:made|makes?|making) no (?:mention|reference|comment)"
    r"|(?:did|does|do|would|will|has|have)(?: not|n['’]t) (?:say|said)(?=\W*$)"
    r"|(?:dodg|duck|sidestepp|evad|deflect)\w+ (?:\w+ ){0,3}questions?"
    r"|(?:calls?|e-?mails?|messages?|requests?|letters?|inquir\w+|questions?) (?:\w+ ){0,8}"
    r"(?:was|were|went|has been|have been) (?:not (?:\w+ )?(?:returned|answered)|unanswered)"
    r"|(?:am|are|is|was|were|['’]m|['’]re) not (?:going|prepared|willing|able) to "
    r"(?:comment|speculate|"
    r"discuss|go into|get into|answer)|(?:cannot|can['’]t|won['’]t|will not|would not) (?:comment|"
    r"discuss|speculate|go into|get into|answer|be drawn)|silence from"
    r"|(?:did|has|have|had) not (?:yet |immediately )*confirm(?:ed)?"
    r"|(?:neither|nor) (?:[\w.’'-]+ ){1,6}?(?:has |have |had |would |will |did )?"
    r"(?:confirmed|comment(?:ed)?|respond(?:ed)?|repl(?:ied|y))"
    r"|(?:does|do|did)(?: not|n['’]t) discuss|refrain\w* from (?:answering|commenting)"
    r"|(?:is|are|was|were|['’]s|['’]re)(?: not|n['’]t) (?:saying|commenting|discussing|answering)"
    r"|declin\w+ (?:all |any |further )?comment"
    r"|(?:not|n['’]t) (?:immediately )?(?:be )?available (?:for|to) (?:comment|speak)"
    r"|unavailable (?:for|to) (?:comment|speak)"
    r"|(?:no|without) (?:immediate |official |public |further )*(?:comment|response|reaction|reply)"
    r"|ha(?:s|ve|d) (?:yet|still) to (?:comment|respond|reply|react|say|explain|answer|confirm|"
    r"clarify|publish|name|elaborate)"
    r"|(?:has|have|had)(?: not|n['’]t) (?:yet |so far |publicly )?(?:explained|elaborated|"
    r"commented|responded|replied|answered)"
    r"|let (?:the|that|their|his|her) questions? pass|(?:did|would)(?: not|n['’]t) take (?:the |"
    r"his |her |any |our |my )?(?:calls?|questions?)|never (?:comments?|discuss\w*|explain\w*)"
    r"|(?:made|makes?|issued?|issues) no (?:statement|comment|announcement)"
    r"|(?:is|are|was|were|been|fell) (?:\w+ly )?silent|only silence|refus\w+ comment"
    r"|referred (?:\w+ ){0,2}questions? to|hung up on|in silence(?=\W*$)"
    r"|(?:forbore|omitted|neglected|failed) to (?:mention|say|explain|add)"
    r"|(?:gave|gives|giving|give) nothing away"
    r"|(?:is|are|was|were) saying nothing|(?:is|are|was|were)(?: not|n['’]t) talking(?=\W*$)"
    r"|(?:nobody|no one|none) (?:[\w.’'-]+ ){0,6}?(?:would|could|was available to) "
    r"(?:comment|be reached|say|speak|explain)"
    r"|(?:remain|stay|keep|kept)\w* (?:silent|quiet|mum)|silent on|said nothing"
    r"|neither confirm\w*|nor den(?:y|ied|ies))\b",
    re.I,
)
"""Words for a silence: somebody was asked, or might have spoken, and did not."""


UNMOVED = re.compile(
    r"\b(?:is|are|was|were|remain\w*)(?: (?:not|n['’]t)|n['’]t) (?:so |very |at all |quite )?"
    r"(?:amused|impressed|convinced|persuaded|sure|certain)(?=\W*$|[,;:])|"
    r"\b(?:is|are|was|were|remain\w*) (?:\w+ly )?(?:unimpressed|unmoved|unconvinced|unpersuaded|"
    r"dubious)\b",
    re.I,
)
"""Words with which somebody is told to doubt what was said: was unmoved."""
DEMUR = re.compile(
    r"\b(?:(?:remember|recall)(?:s|ed)? nothing of the (?:sort|kind)|"
    r"ha(?:s|ve|d|ving) none of (?:it|that|this)|beg(?:s|ged)? to differ|"
    r"(?:sees?|saw|remember(?:s|ed)?|tells?|puts?|reads?) (?:it|things|matters|that|this) "
    r"(?:(?:rather |quite |very )?differently|otherwise|in (?:a different|another) light)|"
    r"(?:takes?|took) (?:an?|the) (?:\w+ )?(?:different|dim|dimmer|dark|darker|harsher|"
    r"kinder|opposite|"
    r"contrary|other) view|(?:is|are|was|were) of (?:another|a different|"
    r"the opposite) (?:mind|opinion)|"
    r"(?:do|does|did|ha(?:s|ve) never|never)(?: not|n['’]t)? (?:share|shared|buy|bought) "
    r"(?:(?:that|this|the|his|her|their|its|any of|such) ){1,2}(?:\w+ )?(?:views?|opinions?|"
    r"optimism|"
    r"pessimism|assessments?|enthusiasm|concerns?|reading|judge?ments?|fears?|hopes?|version|"
    r"confidence|analysis|certainty)|"
    r"(?:thinks?|thought|says?|said|believes?|believed) (?:not|otherwise))(?=\W*$|[,:;])",
    re.I,
)
"""Words with which somebody will not have what was said: thinks not, begs to differ."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of reporting: its sort and what its subject does with the content."""

    sort: str
    stance: str


PHRASES = {
    ("set", "out"): Verb("say", "asserts"),
    ("lay", "out"): Verb("say", "asserts"),
    ("spell", "out"): Verb("say", "asserts"),
    ("point", "out"): Verb("say", "asserts"),
    ("rule", "out"): Verb("deny", "denies"),
    ("play", "down"): Verb("deny", "denies"),
    ("brush", "off"): Verb("deny", "denies"),
    ("brush", "aside"): Verb("deny", "denies"),
    ("shrug", "off"): Verb("deny", "denies"),
    ("wave", "away"): Verb("deny", "denies"),
    ("wave", "aside"): Verb("deny", "denies"),
    ("hit", "back"): Verb("say", "asserts"),
    ("shoot", "back"): Verb("say", "asserts"),
    ("chime", "in"): Verb("say", "asserts"),
    ("own", "up"): Verb("say", "asserts"),
    ("lash", "out"): Verb("judge", "asserts"),
    ("hit", "out"): Verb("judge", "asserts"),
    ("speak", "out"): Verb("judge", "asserts"),
}
"""Verbs that report only with their particle."""
WITH_PARTICLE = frozenset(verb for verb, _ in PHRASES)
LIGHT = words_of("serve issue make give deliver level renew raise lodge sound air")
"""Verbs that say only with a noun of saying for object."""
SAME = words_of("same much opposite contrary likewise")
"""What stands for something said before: the union said the same."""
SAID_NOUNS = {
    "warning": Verb("say", "forecasts"),
    "threat": Verb("commit", "threatens"),
    "ultimatum": Verb("commit", "threatens"),
    "denial": Verb("deny", "denies"),
    "accusation": Verb("accuse", "asserts"),
    "allegation": Verb("accuse", "asserts"),
    "apology": Verb("judge", "regrets"),
    "appeal": Verb("demand", "asserts"),
    "plea": Verb("demand", "asserts"),
    "criticism": Verb("judge", "asserts"),
    "objection": Verb("judge", "asserts"),
    "protest": Verb("judge", "asserts"),
    "complaint": Verb("judge", "asserts"),
    "assurance": Verb("commit", "commits"),
    "pledge": Verb("commit", "commits"),
    "promise": Verb("commit", "commits"),
    "prediction": Verb("say", "forecasts"),
    "alarm": Verb("say", "forecasts"),
    "notice": Verb("say", "forecasts"),
}
LAYING = words_of("float raise put lay pin place cast throw pour heap pay take share")
IDIOMS = {
    **{(verb, "blame"): Verb("accuse", "asserts") for verb in ("put", "lay", "pin", "place")},
    **{(verb, "doubt"): Verb("doubt", "doubts") for verb in ("cast", "throw")},
    **{
        ("put", noun): Verb("say", "asserts")
        for noun in ("number", "toll", "figure", "cost", "death", "loss")
    },
    **{
        ("share", noun): Verb("say", "asserts")
        for noun in words_of(
            "concern view opinion assessment fear hope optimism pessimism analysis position belief "
            "worry conviction suspicion doubt judgement judgment"
        )
    },
    ("pour", "scorn"): Verb("judge", "asserts"),
    ("heap", "praise"): Verb("judge", "asserts"),
    ("pay", "tribute"): Verb("judge", "asserts"),
    ("take", "issue"): Verb("judge", "asserts"),
    ("take", "aim"): Verb("judge", "asserts"),
    ("take", "view"): Verb("judge", "asserts"),
    ("take", "credit"): Verb("say", "asserts"),
    ("take", "responsibility"): Verb("say", "asserts"),
    ("pour", "water"): Verb("doubt", "doubts"),
    **{
        (verb, noun): Verb("say", "asserts")
        for verb in ("raise", "float")
        for noun in ("possibility", "prospect", "idea", "question", "spectre", "specter")
    },
}
"""Light verbs and their objects that say something together."""


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath("words", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def verbs() -> dict[str, Verb]:
    """Return the verbs of reporting by their lemma."""
    return {row["verb"]: Verb(row["sort"], row["stance"]) for row in _rows("verbs.csv")}


@cache
def judgements() -> dict[str, str]:
    """Return the words that hold a judgement, with their part of speech."""
    return {row["word"]: row["sort"] for row in _rows("judgements.csv")}


@cache
def hedge_pattern() -> re.Pattern[str]:
    """Return the pattern that finds the words that weaken or strengthen a claim."""
    plain = [row["words"] for row in _rows("hedges.csv") if row["sort"] != "verb"]
    stems = [row["words"] for row in _rows("hedges.csv") if row["sort"] == "verb"]
    parts = [re.escape(words).replace(r"\ ", r"\s+") for words in sorted(plain, key=len)[::-1]]
    parts += [rf"{stem}(?:s|ed|ing)?" for stem in stems]
    parts.append(r"about(?=\s+(?:[$€£]?\d|half\b|two\b|three\b|five\b|ten\b|a (?:third|dozen)))")
    return quickened(re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])", re.I))


@cache
def names_of_the_world() -> tuple[tuple[str, str], ...]:
    """Return every name in use of a state or organisation, with its code."""
    return tuple(
        (name, row["code"]) for row in _rows("names.csv") for name in row["names"].split(";")
    )
