"""Families whose story is told in full: the fifteen personas of domain guide 9.4, and what else a lead's list can hold.

Nobody in them exists. Each is there to be opened, read and decided on; what the instrument makes of the answers is
said beside each, and a test holds it to that.
"""

from dataclasses import dataclass, field
from typing import Any

from screening.demo.visits import Visit


@dataclass(frozen=True)
class Persona:
    """A family and its visits, the oldest first.

    ``ago``: how many working days have passed since the last visit, today is 0. ``overdue``: what fell due lately was
    not done. ``undecided``: no lead has looked at the last visit, however old it is. ``way``: how the last visit
    travelled: empty, ``lost`` (made, never came) or ``revoked`` (sent from a tablet that is out of use). ``notes``:
    (working days ago, kind, visit, data) of what was noted besides visits; ``days``: the child's age today where
    there was no visit.
    """

    name: str
    visitor: str
    surname: str
    child: str
    parents: tuple[str, ...]
    visits: tuple[Visit, ...]
    ago: int
    twin: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    overdue: bool = False
    undecided: bool = False
    way: str = ""
    notes: tuple[tuple[int, str, str | None, dict[str, Any]], ...] = ()
    days: int = 0


def seen(text: str, thought: str = "", both: str = "", one: str = "", **more: Any) -> dict[str, Any]:
    """The visitor's part: what she saw and heard, what she makes of it, what was agreed with both or with one."""
    said = {"v3": text, "v4": thought, "v5a": both, "v5b": one}
    return {name: value for name, value in said.items() if value} | more


SHAKEN = Persona(
    "the child was shaken", "line", "Kjær", "Malthe", ("Tina Kjær", "Kenneth Dahl"),
    # R01: red, couple gate closed, the parents are not told first.
    (Visit("2m", 64, "one", {"parent1": "111101111"}, "3", alone={"parent1": {"t7": "yes", "t14": "yes"}},
           everyday={"k10": "2", "k11": "yes", "p1": "one"},
           afterwards=seen("Forælder 1 siger: „Han ruskede ham i nat, til han blev stille.“ Hun viser det.",
                           "Barnet kan have lidt skade. Ses af læge nu.",
                           one="Hun tager med barnet til skadestuen nu. Jeg ringer imens.", v2="yes", v7="unsafe")),),
    ago=0,
)  # fmt: skip
FEAR = Persona(
    "mother alone tells of fear, father's answers are green", "anne", "Winther", "Freja",
    ("Camilla Winther", "Simon Winther"),
    # R09 at 2: orange; index 42 beside 10: answers that differ greatly; couple gate closed.
    (Visit("2m", 63, "each", {"parent1": "122121101", "parent2": "011000000"}, "2",
           alone={"parent1": {"t1": "2", "t2": "yes"}}, everyday={"k10": "2"},
           afterwards=seen("Forælder 1 bliver stille, når der tales om penge. Alene siger hun: „Jeg lister rundt.“",
                           "Hun er bange. Han fremstår rolig.", one="Ny samtale i klinikken, når barnet skal vejes.",
                           o2="1", v7="one")),),
    ago=1,
)  # fmt: skip
NEVER_ALONE = Persona(
    "never alone, the partner always there", "karin", "Bonde", "Otto", ("Pernille Bonde", "Lars Bonde"),
    # R14: orange though every answer is green; safety not clarified.
    (Visit("2m", 66, "joint", {"joint": "00000000"}, "2",
           afterwards=seen("Den ene svarer for begge. Den anden ser ned og kigger på ham, før hun siger noget.",
                           "Jeg er ikke tryg ved, at alt er grønt.", "Jeg kommer igen og vejer ham.",
                           o2="2", o3="2", v7="later")),),
    ago=5, undecided=True,
)  # fmt: skip
STRANGULATION = Persona(
    "a hand at the throat", "anne", "Vestergaard", "Storm", ("Signe Vestergaard", "Morten Vestergaard"),
    # First yellow; then R05, R07 and R10: red, and everything the same day.
    (Visit("2m", 62, "one", {"parent1": "111111101"}, "1", alone={"parent1": {"t1": "1"}},
           afterwards=seen("De skændes om penge og søvn.", both="De lægger en plan for nætterne.", v7="both")),
     Visit("8m", 249, "one", {"parent1": "211221211"}, "3",
           alone={"parent1": {"t1": "2", "t2": "yes", "t4": "some", "t5": "year", "t11": "yes", "t14": "yes",
                              "t19": ["talk", "info"]}},
           everyday={"k10": "2", "k11": "yes", "p1": "one", "f1": "no", "f2": ["work"]},
           afterwards=seen("Forælder 1 siger: „Han tog mig om halsen i september.“ Hun har svært ved at synke.",
                           "Der er fare for hendes liv. Barnet var i rummet.",
                           one="Vi ringede til 1888 sammen. Hendes søster henter hende og barnet i eftermiddag.",
                           v2="yes", v7="one"))),
    ago=1,
)  # fmt: skip
TIRED = Persona(
    "a tired couple", "line", "Toft", "Alma", ("Julie Toft", "Mads Toft"),
    # Index 40: yellow. They take up the offer of open counselling.
    (Visit("2m", 62, "joint", {"joint": "21112102"}, "1", everyday={"k10": "2", "k11": "yes", "p1": "one"},
           afterwards=seen("Nætterne er hårde. „Klokken fire er vi ikke venner.“", "Trætte, og gode til at sige det.",
                           "De har aftalt, hvem der tager hvilke nætter, og tager imod en tid i åben rådgivning.",
                           v7="both"), plan=(("H16", 20), ("H22", 10))),),
    ago=2,
)  # fmt: skip
SHOUTING = Persona(
    "shouting with the child in the room, better at eight months", "anne", "Hald", "Sofus",
    ("Rikke Hald", "Troels Hald"),
    # M3: orange at 2 months, index 53; a group course; green at 8, index 23: better.
    (Visit("2m", 65, "joint", {"joint": "22112211"}, "2", everyday={"k10": "2", "k11": "yes"},
           afterwards=seen("De fortæller åbent om højlydte skænderier, også ved puslebordet.",
                           "Barnet reagerer med uro. Forældrene vil gerne have hjælp.",
                           "De siger ja til gruppeforløbet. Pauseord: „time-out“.", o1="1", o6="1", v7="both")),
     Visit("8m", 258, "joint", {"joint": "11011100"}, "0",
           alone={"parent1": {}, "parent2": {}},
           everyday={"p2": "yes", "p3": "Vi bruger pauseordet, og det virker.", "f1": "yes", "f2": ["care"]},
           afterwards=seen("De fortæller, hvad de lærte på forløbet, og griner ad det.",
                           both="De bliver ved med pauseordet."))),
    ago=3,
)  # fmt: skip
TWO_MOTHERS = Persona(
    "two mothers, worse after one lost her job", "karin", "Friis", "Vera", ("Louise Friis", "Helene Lund"),
    # Index 30, yellow; then 53, orange: worse. Both were asked alone at 8 months and are safe.
    (Visit("2m", 61, "joint", {"joint": "11111101"}, "1",
           afterwards=seen("De er uenige om søvn og om bedsteforældre.", both="En aften om ugen til at tale færdigt.",
                           v7="both")),
     Visit("8m", 262, "joint", {"joint": "22122112"}, "2", alone={"parent1": {}, "parent2": {"t1": "1"}},
           everyday={"k10": "2", "k11": "yes", "p1": "one", "f1": "some", "f2": ["job"]},
           afterwards=seen("Den ene mistede sit arbejde i august. Pengene fylder i hvert skænderi.",
                           "Presset er steget. Ingen af dem er bange for den anden.",
                           "De vil gerne i familiebehandling.", v7="both"))),
    ago=1,
)  # fmt: skip
QUIET = Persona(
    "a quiet couple", "tove", "Lund", "Ella", ("Katrine Lund", "Anders Lund"),
    # Index 3: green both times. A mistyped answer was corrected; only one parent was asked alone.
    (Visit("2m", 60, "joint", {"joint": "00001000"}, "0", alone={"parent1": {}}, mistyped={"joint": "00101000"},
           everyday={"k10": "0", "p2": "yes", "p3": "Vi griner sammen hver dag."}),
     Visit("8m", 255, "joint", {"joint": "00001000"}, "0", alone={"parent1": {}},
           everyday={"k10": "0", "p2": "yes", "f2": ["work"]})),
    ago=3,
)  # fmt: skip
FATHER = Persona(
    "the father is hurt by his former partner, who still lives there", "karin", "Krogh", "Villads",
    ("Maria Krogh", "Jakob Krogh"),
    # R07: red; R17, recently parted. Planned by the lead; a talk that was agreed on did not come about in time.
    (Visit("2m", 60, "each", {"parent1": "111110101", "parent2": "221131201"}, "3",
           alone={"parent2": {"t1": "2", "t2": "yes", "t4": "often", "t5": "month", "t10": ["ex"], "t15": "yes",
                              "t19": ["talk", "info"]}},
           everyday={"k10": "2", "k11": "maybe", "p1": "none"},
           afterwards=seen("Forælder 2 siger alene: „Hun slår, når jeg vil gå min vej.“ Han har et mærke på armen.",
                           "De er gået fra hinanden og bor under samme tag. Barnet ser det.",
                           one="Han ringer til 1888 i morgen. Ny samtale på sundhedshuset.", o4="1", v2="yes",
                           v7="one"), plan=(("H06", 1), ("H07", 8))),),
    ago=12, overdue=True,
)  # fmt: skip
OWN_ANGER = Persona(
    "own anger at the crying baby", "line", "Sand", "Luna", ("Ditte Sand", "Esben Sand"),
    # R02: red, asks for help; four days later a talk: relief works.
    (Visit("2m", 58, "one", {"parent1": "111111111"}, "3", alone={"parent1": {"t8": ["child"], "t10": ["na"]}},
           everyday={"k10": "2", "k11": "yes", "p1": "one"},
           afterwards=seen("„Når hun skriger, er jeg bange for, hvad jeg gør.“ Hun beder selv om hjælp.",
                           "Hun er udmattet og ærlig. Hun lægger barnet fra sig, før det går galt.",
                           one="Hendes mor kommer i aften og to nætter mere. Læg barnet sikkert, og gå ud.",
                           v2="unsure", v7="both"), plan=(("H03", 3),)),
     Visit("talk", 62, "one", {}, "1", alone={"parent1": {"t1": "1"}},
           afterwards=seen("Hun har sovet. „Jeg går ud på altanen, og så går det.“", "Aflastningen virker.",
                           one="Hendes mor bliver ugen ud. Jeg ringer på mandag.", v7="both"))),
    ago=4,
)  # fmt: skip
INTERPRETED = Persona(
    "first a relative interprets, then a professional", "karin", "Haddad", "Noor", ("Rania Haddad", "Samir Haddad"),
    # Green and nothing clarified; then R12, honour-related, with R09: orange.
    (Visit("2m", 60, "joint", {"joint": "00000000"}, "0", setting={"s3": ["interp"], "s4": "lay"},
           afterwards=seen("En fætter oversatte. Forælder 1 sagde næsten ikke noget.",
                           "Jeg ved ikke, hvad der blev spurgt om.", "Jeg kommer igen med en tolk.", o2="1")),
     Visit("talk", 71, "one", {}, "2", rooms={"parent1": {"s3": ["interp"], "s4": "remote"}},
           alone={"parent1": {"t1": "2", "t3": "yes", "t9": "yes", "t10": ["family"], "t19": ["info"]}},
           afterwards=seen("Med tolk på skærm siger hun: „Hans brødre bestemmer, hvem jeg taler med.“",
                           "Social kontrol fra familien. Ingen af dem må inddrages.",
                           one="Ny tid i klinikken. Samme tolk. Kun mundtligt.", v7="one"))),
    ago=1, details={"languages": ["dansk", "arabisk"]},
)  # fmt: skip
DECLINES = Persona(
    "declines to answer", "tove", "Dahl", "Magnus", ("Ane Dahl", "Bo Dahl"),
    # No answers, no level; only what was seen.
    (Visit("2m", 64, "none", {}, "x",
           afterwards=seen("De siger nej tak til spørgsmålene. De ser ikke på hinanden.",
                           "For lidt til at vurdere. Jeg prøver igen.", "Jeg kommer igen og vejer ham.",
                           o1="1", o3="1", o6="1")),),
    ago=2,
)  # fmt: skip
PARTED = Persona(
    "parted at eight months", "anne", "Juhl", "Karla", ("Stine Juhl", "Nikolaj Riis"),
    # Yellow both times, no violence: about being parents apart.
    (Visit("2m", 63, "each", {"parent1": "111111101", "parent2": "111101101"}, "1",
           alone={"parent1": {}, "parent2": {}},
           afterwards=seen("De er uenige om det meste og taler roligt om det.", both="De vil læse om samarbejde.",
                           v7="both")),
     Visit("8m", 266, "one", {"parent1": "222202002"}, "1", alone={"parent1": {"t1": "1"}},
           everyday={"k10": "2", "k11": "maybe", "f1": "no", "f2": ["move", "sep"]},
           afterwards=seen("De gik fra hinanden i sommer. „Hver aflevering ender i skænderi på trappen.“",
                           "Uenighed om samvær. Ingen er bange.",
                           "Tid i åben rådgivning om at være forældre hver for sig.", v7="both"),
           household="parent1")),
    ago=6, details={"separated": True},
)  # fmt: skip
PROTECTED = Persona(
    "a mother with a protected address", "karin", "Nygaard", "Saga", ("Laila Nygaard",),
    # R07 long ago and only a former partner: yellow, seen by the lead all the same.
    (Visit("2m", 59, "one", {"parent1": "000000000"}, "1", rooms={"parent1": {"s5": "none"}},
           alone={"parent1": {"t1": "1", "t5": "past", "t10": ["ex"], "t19": ["info"], "c4": "neutral"}},
           everyday={"k10": "1", "k11": "has", "p1": "one"},
           afterwards=seen("Hun fortæller selv om en tidligere partner. Hun og barnet er trygge nu.",
                           "Hun har støtte. Adressen må ikke stå nogen steder.",
                           one="Kun mundtligt. Hun ringer selv, hvis noget ændrer sig.", v7="both")),),
    ago=2, details={"address_protected": True},
)  # fmt: skip
TWINS = Persona(
    "twins", "anne", "Bæk", "Asta", ("Sofie Bæk", "Thomas Bæk"),
    # Green both times; everybody was asked alone: safety clarified.
    (Visit("2m", 67, "each", {"parent1": "000001000", "parent2": "010001000"}, "0",
           alone={"parent1": {}, "parent2": {}}, everyday={"k10": "2", "p1": "several"},
           afterwards=seen("To børn, fire hænder. De griner ad det.", both="Bedsteforældrene tager tirsdage.")),
     Visit("8m", 251, "each", {"parent1": "000001000", "parent2": "000001000"}, "0",
           alone={"parent1": {}, "parent2": {}}, everyday={"k10": "1", "f1": "yes", "f2": ["care"]})),
    ago=4, twin="Aksel",
)  # fmt: skip

# What else a lead meets: two far apart, an assessment below the suggestion, a reason to notify below red, one who stays
# high, one whose help is late, a family that is never at home, a visit that never came, one from a tablet that is out
# of use, a family that has moved.
FAR_APART = Persona(
    "answers that differ greatly", "karin", "Mortensen", "Theo", ("Lone Mortensen", "Rasmus Mortensen"),
    (Visit("2m", 65, "each", {"parent1": "010001000", "parent2": "211121102"}, "1",
           alone={"parent1": {}, "parent2": {}},
           afterwards=seen("De svarer hver for sig og meget forskelligt.", both="Ny samtale om en måned.",
                           v7="later")),),
    ago=3,
)  # fmt: skip
LOWER = Persona(
    "assessed lower than suggested", "anne", "Skov", "Felix", ("Mette Skov", "Henrik Skov"),
    (Visit("2m", 61, "joint", {"joint": "11111110"}, "0", alone={"parent1": {}, "parent2": {}},
           afterwards=seen("De taler åbent og varmt om en hård måned.",
                           v6="Barnet var indlagt i oktober. Det er overstået, og de har hjulpet hinanden.")),),
    ago=2,
)  # fmt: skip
NEGLECTED = Persona(
    "a reason to notify, whatever the level", "karin", "Eskildsen", "Anton", ("Birgitte Eskildsen", "Søren Eskildsen"),
    (Visit("2m", 68, "joint", {"joint": "11111101"}, "1",
           afterwards=seen("Der lugter af alkohol. Barnet er vådt og har ikke spist siden i nat.",
                           "Jeg er bekymret for, om nogen passer barnet.", "Jeg fortæller dem, at jeg skriver i dag.",
                           o7="2", o6="1", v2="yes", v7="both")),),
    ago=0,
)  # fmt: skip
STILL_HIGH = Persona(
    "orange at two months and at eight", "tove", "Riis", "Bertram", ("Line Riis", "Frederik Riis"),
    (Visit("2m", 66, "joint", {"joint": "22222111"}, "2", everyday={"k11": "no"},
           afterwards=seen("Det bliver hurtigt højlydt, også imens jeg er der.", both="De tænker over gruppeforløbet.",
                           o1="1", v7="both")),
     Visit("8m", 270, "joint", {"joint": "22212211"}, "2",
           everyday={"k10": "2", "k11": "maybe", "f1": "no", "f2": ["none"]},
           afterwards=seen("De kom aldrig i gang med forløbet.", "Det samme som sidst.", "De vil gerne spørges igen.",
                           o1="1", v7="both"))),
    ago=1,
)  # fmt: skip
NOT_COME = Persona(
    "a visit that never came", "karin", "Østergaard", "Iben", ("Julie Østergaard", "Daniel Østergaard"),
    (Visit("2m", 63, "joint", {"joint": "00010000"}, "0"),), ago=8, way="lost",
)  # fmt: skip
OUT_OF_USE = Persona(
    "sent from a tablet that is out of use", "tove", "Thomsen", "Molly", ("Sara Thomsen", "Kasper Thomsen"),
    (Visit("2m", 61, "joint", {"joint": "01001000"}, "0"),), ago=2, way="revoked",
)  # fmt: skip
TOO_LATE = Persona(
    "an agreed action past its date", "anne", "Dam", "Emil", ("Katrine Dam", "Jonas Dam"),
    (Visit("2m", 60, "joint", {"joint": "22222101"}, "2", alone={"parent1": {}, "parent2": {}}, everyday={"k11": "yes"},
           afterwards=seen("De råber, mens jeg er der, og bliver flove over det.",
                           "De har brug for hjælp til at stoppe.",
                           "De vil gerne på gruppeforløbet.", o1="1", v7="both"), plan=(("H14", 9),)),),
    ago=11, overdue=True,
)  # fmt: skip
NEVER_MET = Persona(
    "nobody at home, twice", "anne", "Overgaard", "Johan", ("Maria Overgaard", "Christian Overgaard"), (), ago=0,
    days=66, notes=((6, "not_home", "2m", {"text": "Ingen lukkede op. Der var lys."}),
                    (2, "not_home", "2m", {"text": "Ingen lukkede op. Jeg lagde et kort."})),
)  # fmt: skip
MOVED = Persona(
    "a family that has moved away", "line", "Kristoffersen", "Clara", ("Helene Kristoffersen", "Daniel Kristoffersen"),
    (), ago=0, days=60, notes=((1, "moved", None, {"text": "Flyttet til Aalborg, siger naboen."}),),
)  # fmt: skip

FIFTEEN = {
    1: QUIET, 2: TIRED, 3: SHOUTING, 4: FEAR, 5: FATHER, 6: TWO_MOTHERS, 7: STRANGULATION, 8: SHAKEN, 9: INTERPRETED,
    10: NEVER_ALONE, 11: OWN_ANGER, 12: PARTED, 13: DECLINES, 14: PROTECTED, 15: TWINS,
}  # fmt: skip
# A small municipality has the first of these; they are in the order in which a list gains most by them.
PERSONAS = (
    SHAKEN, FEAR, NEVER_ALONE, STRANGULATION, TIRED, SHOUTING, TWO_MOTHERS, QUIET, FATHER, OWN_ANGER, INTERPRETED,
    DECLINES, PARTED, PROTECTED, TWINS, FAR_APART, LOWER, NEGLECTED, STILL_HIGH, TOO_LATE, NEVER_MET, NOT_COME,
    OUT_OF_USE, MOVED,
)  # fmt: skip
