"""Invented names, streets and appointments for the demo municipality. Nobody here exists."""

CHILDREN = (
    "Agnes Nora Elias Yusuf Viggo Ida Nohr Malthe Alma Otto Karla Sofus Ella Oskar Freja Aksel Luna Emil "
    "Asta Valdemar Liva Noah Alba Storm Olivia Arthur Saga August Lærke Villads Maja Theo Clara Magnus Vera "
    "Felix Esther Bertram Zahra Mikkel Ellen Sami Ronja Anton Iben Carl Molly Johan Selma Ali"
).split()
PARENTS = (
    "Sara Jonas Mette Kasper Amina Lars Line Mads Fatima Omar Julie Rasmus Camilla Søren Katrine Peter "
    "Nadia Thomas Louise Anders Sofie Daniel Maria Christian Ayse Mehmet Helene Jakob Signe Frederik "
    "Rikke Simon Tina Morten Birgitte Kenneth Laila Karim Pernille Nikolaj"
).split()
SURNAMES = (
    "Lindskov Holm Thomsen Demir Bech Kristoffersen Bang Overgaard Vestergaard Rasmussen Møller Skov Dam "
    "Riis Sand Kjær Bæk Nygaard Toft Winther Lund Krogh Friis Dahl Juhl Bonde Mortensen Eskildsen Hald "
    "Østergaard Abdi Yilmaz Nowak Petrov Hansen"
).split()
STREETS = (
    "Birkevænget Søndervang Engparken Havnegade Møllebakken Kastanjevej Fjordvej Skolegade Lærkevej "
    "Bakkedraget Strandparken Kirkestræde Rugmarken Åbrinken"
).split()
TEAMS = ("Nord", "Syd")

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
