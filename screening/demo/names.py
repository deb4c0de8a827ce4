"""Invented names and streets for the demo municipality. Nobody here exists."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Background:
    """Names that go together. ``share``: of a hundred families; ``language``: spoken at home besides Danish."""

    share: int
    language: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    children: tuple[str, ...]
    surnames: tuple[str, ...]


def background(share: int, language: str, women: str, men: str, children: str, surnames: str) -> Background:
    return Background(share, language, *(tuple(names.split()) for names in (women, men, children, surnames)))


BACKGROUNDS = (
    background(
        70, "",
        "Sara Mette Line Julie Camilla Katrine Louise Sofie Maria Helene Signe Rikke Tina Laila Pernille Birgitte "
        "Stine Lone Ditte Ane",
        "Jonas Kasper Lars Mads Rasmus Søren Peter Thomas Anders Daniel Christian Frederik Jakob Simon Morten Kenneth "
        "Nikolaj Troels Esben Bo",
        "Agnes Nora Elias Viggo Ida Malthe Alma Otto Karla Sofus Ella Oskar Freja Aksel Luna Emil Asta Valdemar Liva "
        "Noah Alba Storm Olivia Arthur Saga August Lærke Villads Maja Theo Clara Magnus Vera Felix Esther Bertram "
        "Mikkel Ellen Ronja Anton Iben Carl Molly Johan Selma",
        "Lindskov Holm Thomsen Bech Kristoffersen Bang Overgaard Vestergaard Rasmussen Møller Skov Dam Riis Sand Kjær "
        "Bæk Nygaard Toft Winther Lund Krogh Friis Dahl Juhl Bonde Mortensen Eskildsen Hald Østergaard",
    ),
    background(
        6, "tyrkisk", "Ayse Elif Zeynep Derya", "Mehmet Emre Kerem Okan", "Elif Deniz Yusuf Ada Can Leyla Zahra",
        "Demir Yilmaz Aydin Kaplan",
    ),
    background(
        6, "arabisk", "Fatima Amina Nadia Rania", "Omar Karim Samir Yasin", "Ali Sami Noor Zahra Adam Maryam",
        "Haddad Khoury Mansour Saleh",
    ),
    background(4, "polsk", "Agnieszka Ewa Kasia", "Marek Pawel Tomasz", "Zofia Jan Hania", "Nowak Wrona Zielinski"),
    background(4, "somali", "Hodan Ifrah Sagal", "Abdi Liban Yonis", "Ayaan Idil Zakaria Sumaya", "Abdi Warsame Farah"),
    background(3, "urdu", "Saima Hina Aisha", "Bilal Imran Faisal", "Zara Hamza Inaya Rayan", "Malik Raza Mirza"),
    background(2, "ukrainsk", "Oksana Iryna", "Andrij Taras", "Solomija Danylo Zlata", "Bondar Melnyk Koval"),
    background(2, "bosnisk", "Amra Selma", "Damir Edin", "Lejla Tarik Emina", "Begic Hodzic Muric"),
    background(2, "engelsk", "Emma Priya", "Daniel Arjun", "Maya Leo Isla", "Carter Nair Doyle"),
    background(1, "grønlandsk", "Pipaluk Ivalu", "Malik Aqqaluk", "Nivi Inuk", "Kleist Lynge Petrussen"),
)  # fmt: skip
STREETS = (
    "Birkevænget Søndervang Engparken Havnegade Møllebakken Kastanjevej Fjordvej Skolegade Lærkevej "
    "Bakkedraget Strandparken Kirkestræde Rugmarken Åbrinken"
).split()

# username, name, role, team, initials
PEOPLE = (
    ("anne", "Anne Møller", "visitor", "Nord", "AM"),
    ("line", "Line Holst", "visitor", "Syd", "LH"),
    ("karin", "Karin Sand", "visitor", "Nord", "KS"),
    ("tove", "Tove Riis", "visitor", "Syd", "TR"),
    ("birgit", "Birgit Dam", "lead", "Nord", "BD"),
    ("peter", "Peter Skov", "lead", "Syd", "PS"),
    ("admin", "Ida Kjær", "admin", "", "IK"),
)
