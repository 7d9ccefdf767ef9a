"""The demonstration's people and places. All of them are invented, and every page says so."""

from dataclasses import dataclass

from ledger.people import Role

AUTHORITY = "marlmoor"
AUTHORITY_NAME = "Marlmoor Combined Authority"
OPERATOR, REGISTRAR, LEADER = "p-demo-operator", "p-demo-registrar", "p-demo-leader"
CHIEF_FINANCE, FINANCE, PAYER = "p-demo-chief-finance", "p-demo-finance", "p-demo-payer"
PARTNER = "p-demo-accountability"
OPEN_PLACE = "glodbrook"


@dataclass(frozen=True, slots=True)
class Character:
    """A person of the demonstration; `story` is what the picker says of them."""

    ref: str
    name: str
    story: str


@dataclass(frozen=True, slots=True)
class Place:
    """A partnership: how much it was given, when it began (months after the authority did), and its own people's names."""

    slug: str
    name: str
    district: str
    summary: str
    money: int  # pence
    minutes: int
    month: int
    chair: str
    connector: str
    panel: tuple[str, ...]
    spot: str
    second_round: bool = True


DISTRICTS = {"aldmere": "Aldmere", "brackenford": "Brackenford", "coldharrow": "Coldharrow"}

OFFICERS = (
    (Character(OPERATOR, "Jo Penhale", "Runs the machine and has no say over money."), None),
    (Character(REGISTRAR, "Meredith Okafor", "Registrar: records who holds which role."), None),
    (Character(LEADER, "Councillor Asha Brandt", "Authority leader: devolves money and staff time."), Role.AUTHORITY_LEADER),
    (Character(CHIEF_FINANCE, "Tomasz Vane", "Chief finance officer: may freeze a pot."), Role.CHIEF_FINANCE_OFFICER),
    (Character(FINANCE, "Ruth Amadi", "Finance officer: ratifies or refuses results."), Role.FINANCE_OFFICER),
    (Character(PAYER, "Callum Iwu", "Finance officer: pays what others ratified."), Role.FINANCE_OFFICER),
    (
        Character(PARTNER, "Ilse Marchetti", "Accountability partner: from outside, and holds the authority to its word."),
        Role.ACCOUNTABILITY_PARTNER,
    ),
)

ORGANISATIONS = {
    "marlmoor-voluntary-action": "Marlmoor Voluntary Action",
    "aldmere-health-trust": "Aldmere Health Trust",
    "brackenford-housing": "Brackenford Housing",
    "coldharrow-college": "Coldharrow College",
    "dray-builders": "Dray & Daughters, builders",
    "tern-print": "Tern Print Co-operative",
    "green-spade": "Green Spade Gardeners",
    "kettle-and-co": "Kettle & Co Catering",
    "northlight-electrics": "Northlight Electrics",
    "marlmoor-buses": "Marlmoor Community Buses",
}
LENDERS = {"aldmere": "aldmere-health-trust", "brackenford": "brackenford-housing", "coldharrow": "coldharrow-college"}
SUPPLIERS = ("dray-builders", "green-spade", "tern-print", "kettle-and-co", "northlight-electrics", "marlmoor-buses")

PLACES = (
    Place(
        "glodbrook", "Glodbrook", "aldmere", "Terraces along the Glod, with a library that became a community hub.",
        9_600_000, 72_000, 0, "Dilys Hartono", "Femi Ashworth",
        ("Bea Lindqvist", "Owen Marsh", "Nasreen Qadir", "Pat Dunmore", "Yusuf Teller", "Grace Ekwueme", "Ivy Rookwood"),
        "Mill Bridge",
    ),
    Place(
        "tarn-lane", "Tarn Lane", "aldmere", "Three estates that share one lane, one school and one bus.",
        7_200_000, 60_000, 1, "Kofi Barraclough", "Lena Sørby",
        ("Mags Tierney", "Arjun Pell", "Winnie Osei", "Stan Kowal", "Ruby Fenn"), "Long Close",
    ),
    Place(
        "millrace", "Millrace", "aldmere", "Old mills, new flats, and a market on Thursdays.",
        6_000_000, 48_000, 2, "Siân Obuya", "Peter Achterberg",
        ("Joan Mistry", "Dev Larkin", "Hetty Moon", "Carl Abiola", "Nell Draper"), "Sluice Yard",
    ),
    Place(
        "ferrybank", "Ferrybank", "brackenford", "A river bank that floods, and the people who look out for each other.",
        8_400_000, 66_000, 1, "Mo Hallam", "Agnes Twelvetrees",
        ("Sunil Thorpe", "Bridie Cole", "Zoe Amankwah", "Len Hargreave", "Fatima Noor"), "Lower Quay",
    ),
    Place(
        "stonecross", "Stonecross", "brackenford", "A market square with more closed shutters than anyone wants.",
        5_400_000, 42_000, 3, "Elspeth Dow", "Hamid Rennie",
        ("Tilly Marchetti", "George Bello", "Anwen Price", "Rashid Coe", "Molly Sykes"), "Market Steps",
    ),
    Place(
        "upper-weir", "Upper Weir", "brackenford", "Hill farms and two villages an hour from a hospital.",
        4_800_000, 36_000, 4, "Barney Okello", "Christa Lowther",
        ("Ned Fairclough", "Priya Salt", "Maud Hexham", "Eli Strand", "Joyce Umeh"), "Hag Fold", second_round=False,
    ),
    Place(
        "hazel-row", "Hazel Row", "coldharrow", "Young families, short leases and one good park.",
        7_800_000, 54_000, 2, "Adaeze Holt", "Rory Blenkin",
        ("Sal Whitlock", "Mina Rahman", "Tom Pettifer", "Ola Grice", "Deb Castle"), "Park End",
    ),
    Place(
        "northgate-quay", "Northgate Quay", "coldharrow", "The old docks: night workers, boats and a new school.",
        6_600_000, 48_000, 5, "Viktor Amponsah", "Hilda Crane",
        ("June Okoro", "Piers Lamb", "Noor Haddad", "Bob Tranter", "Esme Vaughan"), "Dock Green", second_round=False,
    ),
)  # fmt: skip
