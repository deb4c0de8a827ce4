"""Why an envelope was set aside or refused, in the words that a lead reads: what is wrong with it, and nothing more.

The codes are given where an envelope is read (``store/envelope.py``), received (``sync.py``), opened and judged
(``judging.py``, ``responses.py``, ``continuing.py``, ``notes.py``). What became of it its state says, not its code:
``wrong_time`` on the outside is refused, and inside it is kept.
"""

Words = tuple[str, str]  # Danish, English

# For a code of another release.
OTHER: Words = ("Kunne ikke læses ind", "Could not be read in")

UNKNOWN_MAKE: Words = ("Lavet på en måde, som serveren ikke kender", "Made in a way that the server does not know")
BADLY_PACKED: Words = ("Kan åbnes, men er pakket forkert", "Can be opened but is packed wrongly")
UNKNOWN_FIELDS: Words = ("Indholdet har ikke de felter, det skal have", "The content has not the fields it must have")
HOUSEHOLD: Words = ("Beskeden siger ikke klart, hvem der bor der", "The message does not say clearly who lives there")
WHERE: Words = (
    "Beskeden siger ikke klart, hvor de bor, eller hvad de taler",
    "The message does not say clearly where they live or what they speak",
)

WORDS: dict[str, Words] = {
    # the outside
    "too_large": ("Større, end et besøg kan være", "Larger than a visit can be"),
    "too_short": ("Kortere, end et besøg kan være", "Shorter than a visit can be"),
    "not_ours": ("Det er ikke lavet af appen", "It was not made by the app"),
    "unknown_suite": UNKNOWN_MAKE,
    "unknown_type": UNKNOWN_MAKE,
    "unknown_flags": UNKNOWN_MAKE,
    "wrong_length": ("Længden passer ikke: der mangler noget, eller der er for meget",
                     "The length does not fit: something is missing or too much"),
    "wrong_number": ("Nummeret i tablettens række er forkert", "The number in the tablet's sequence is wrong"),
    "wrong_time": ("Et af tidspunkterne findes ikke", "One of the times does not exist"),
    # who sent it
    "wrong_signature": ("Underskriften passer ikke", "The signature does not fit"),
    "unknown_author": ("Nøglen, det er underskrevet med, kendes ikke", "The key that signed it is not known"),
    "revoked": ("Tabletten er taget ud af brug", "The tablet is out of use"),
    "person_left": ("Sundhedsplejersken arbejder her ikke mere", "The health visitor no longer works here"),
    "other_tablet": ("Sendt fra en anden tablet end den, besøget er lavet på", "Sent from another tablet"),
    "conflict": ("Samme besøg er kommet med to indhold", "The same visit came with two contents"),
    # the seal
    "wrong_key": ("Låst med en nøgle, der ikke er her", "Sealed to a key that is not here"),
    "damaged": ("Låsen kan ikke åbnes", "The seal does not open"),
    "bad_padding": BADLY_PACKED,
    "bad_compression": BADLY_PACKED,
    "bad_json": ("Kan åbnes, men ikke læses", "Can be opened but not read"),
    # the visit or message as a whole
    "not_judged": ("Serveren fejlede, da det skulle læses ind", "The server failed when it was to be read in"),
    "wrong_schema": UNKNOWN_MAKE,
    "unknown_field": UNKNOWN_FIELDS,
    "missing_field": UNKNOWN_FIELDS,
    "wrong_type": ("Et felt rummer noget, det ikke kan rumme", "A field holds what it cannot hold"),
    "wrong_id": ("Nummeret indeni er et andet end udenpå", "The number inside is not the one outside"),
    "unknown_visit": ("Det står ikke klart, hvilket besøg det er", "It is not clear which visit it is"),
    "unknown_mode": ("Det står ikke klart, hvordan der blev svaret", "It is not clear how answers were given"),
    "wrong_household": ("Det står ikke klart, hvis hjem det var", "It is not clear whose home it was"),
    "wrong_revealed": ("Vurderingen før forslaget er skrevet forkert",
                       "The judgement before the suggestion is written wrongly"),
    "unknown_questionnaire": ("Lavet med spørgsmål, der ikke findes her", "Made with questions that are not here"),
    "wrong_questionnaire": ("Spørgsmålenes udgave er en anden indeni end udenpå",
                            "The version of the questions inside is not the one outside"),
    # the family, and the visits it builds on
    "unknown_family": ("Familien kendes ikke her", "The family is not known here"),
    "not_her_family": ("Familien har aldrig været på sundhedsplejerskens liste",
                       "The family has never been on the health visitor's list"),
    "wrong_family": ("Det besøg, det bygger på, var hos en anden familie",
                     "The visit that it builds on was to another family"),
    "earlier_missing": ("Venter på det besøg, det bygger på", "Waits for the visit that it builds on"),
    "not_own_visit": ("Det besøg, det bygger på, er en kollegas", "The visit that it builds on is a colleague's"),
    "names_itself": ("Det bygger på sig selv", "It builds on itself"),
    "wrong_replaces": ("Det står ikke klart, om det er en rettelse", "It is not clear whether it is a correction"),
    "wrong_completes": ("Kun en samtale kan gøre et andet besøg færdigt", "Only a talk can complete another visit"),
    "wrong_partial": ("En rettelse, der ikke passer til noget besøg", "A correction that fits no visit"),
    "wrong_preliminary": ("Foreløbigt og færdigt besøg passer ikke sammen",
                          "Preliminary and finished visit do not go together"),
    "nothing_changed": ("En rettelse, der ikke retter noget", "A correction that corrects nothing"),
    # the answers
    "unknown_form": ("Rummer et skema, der ikke findes", "Holds a form that does not exist"),
    "unknown_respondent": ("Det står ikke klart, hvem der har svaret", "It is not clear who answered"),
    "response_twice": ("Samme skema er der to gange", "The same form is there twice"),
    "unknown_question": ("Svar på et spørgsmål, der ikke hører til besøget",
                         "An answer to a question that does not belong to the visit"),
    "answered_and_unanswered": ("Et spørgsmål er både besvaret og ikke besvaret",
                                "A question is both answered and not answered"),
    "incomplete": ("Et spørgsmål er hverken besvaret eller sprunget over",
                   "A question is neither answered nor skipped"),
    "hidden": ("Svar på et spørgsmål, der ikke blev stillet", "An answer to a question that was not asked"),
    "wrong_count": ("Antallet af svar passer ikke", "The number of answers does not fit"),
    "wrong_code": ("Et svar, der ikke kan vælges", "An answer that cannot be chosen"),
    "wrong_order": ("Flere svar på et spørgsmål står i forkert rækkefølge",
                    "Several answers to a question stand in the wrong order"),
    "wrong_declined": ("Ikke ønsket besvaret, hvor det ikke kan siges sådan", "Declined where that cannot be said so"),
    "wrong_kept": ("Et svar er taget med, som ikke kan tages med", "An answer was taken along that cannot be"),
    "wrong_date": ("En dato, der ikke findes", "A date that does not exist"),
    "wrong_text": ("En tekst er tom eller rummer tegn, der ikke kan læses",
                   "A text is empty or holds signs that cannot be read"),
    "too_long": ("En tekst er længere, end den kan være", "A text is longer than it can be"),
    # messages
    "unknown_kind": ("En slags besked, som serveren ikke kender", "A kind of message that the server does not know"),
    "wrong_data": ("Beskeden har ikke det indhold, den skal have", "The message has not the content it must have"),
    "wrong_tried_at": ("Det står ikke klart, hvornår der blev prøvet", "It is not clear when the visit was tried"),
    "wrong_reason": ("Beskeden giver en grund, der ikke findes", "The message gives a reason that does not exist"),
    "wrong_planned": ("Den aftalte tid findes ikke", "The time agreed on does not exist"),
    "wrong_place": ("Det aftalte sted findes ikke", "The place agreed on does not exist"),
    "wrong_children": HOUSEHOLD,
    "wrong_parents": HOUSEHOLD,
    "wrong_separated": HOUSEHOLD,
    "wrong_others": HOUSEHOLD,
    "wrong_unknown": HOUSEHOLD,
    "wrong_address": WHERE,
    "wrong_address_protected": WHERE,
    "wrong_languages": WHERE,
    "wrong_task": ("Det står ikke klart, hvilken handling der er gjort", "It is not clear which action was done"),
    "unknown_task": ("Den handling, der er gjort, findes ikke", "The action that was done does not exist"),
    "family_twice": ("Den nye familie er her allerede", "The new family is here already"),
}  # fmt: skip


def words(code: str | None) -> Words:
    """What a lead reads of an envelope that was set aside or refused under a code."""
    return WORDS.get(code or "", OTHER)
