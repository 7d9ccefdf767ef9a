"""What people of the demonstration propose. Costs are pounds, time is hours: the ledger gets pence and minutes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Idea:
    """A proposal in the words of whoever brought it."""

    title: str
    summary: str
    category: str
    pounds: int
    hours: int
    objections: str = ""
    finance_comment: str = ""


COMMON = (
    Idea("{spot} warm room", "Tea, heating and company from November to March.", "Help", 6_400, 80),
    Idea("{spot} hill benches", "So that people can walk to the shops again.", "Streets", 4_200, 12),
    Idea("{spot} repair café", "Tools, a kettle and people who can mend things.", "Skills", 2_850, 60),
    Idea("{spot} youth kitchen", "Fourteen-year-olds cook for whoever comes.", "Young people", 7_900, 96),
    Idea("{spot} path lights", "Solar lights where people do not walk after four.", "Streets", 11_500, 20),
    Idea("{spot} phone-a-neighbour", "A ring round for those who live alone.", "Help", 1_350, 140),
    Idea("{spot} community fridge", "A fridge, a rota and less thrown away.", "Food", 3_150, 52),
    Idea("Orchard behind {spot}", "Forty trees that belong to nobody and everybody.", "Green", 5_600, 40),
    Idea("{spot} help with forms", "Somebody who sits beside you until it is sent.", "Help", 2_400, 160),
    Idea("{spot} holiday minibus", "To the coast and back, for families without a car.", "Young people", 8_750, 45),
    Idea("{spot} boards in five languages", "What is on, where people already stop.", "Voice", 1_900, 18),
    Idea("Hearing loop for {spot} hall", "So that a meeting is for everyone in the room.", "Voice", 3_700, 10),
    Idea("{spot} tool library", "A drill is used for eleven minutes in its life.", "Skills", 4_450, 48),
    Idea("Flood wardens of {spot}", "Pumps, radios, dry boots and a day's training.", "Safety", 6_950, 36),
    Idea("{spot} traders’ stall", "A stall for a month, free, for those who try.", "Work", 2_200, 30),
    Idea("{spot} gentle walks", "Short, level, with a friend and a toilet.", "Help", 1_600, 110),
    Idea("{spot} bike lock-up", "Twenty spaces, one key each.", "Streets", 9_300, 14),
    Idea("Stories of {spot}", "Names, not numbers: forty people's own words.", "Voice", 2_700, 90),
)

OPEN_ROUND = (
    Idea(
        "Keep the library hub open on Sundays", "Two people and the heating, every Sunday for a year.", "Help", 8_600, 208,
        "Sunday cover depends on two volunteers staying.", "Fits the power; staff time is the scarce part.",
    ),
    Idea(
        "Safe crossing at Mill Bridge", "A raised crossing where the school meets the lorries.", "Streets", 14_500, 24,
        "Residents of Bridge Terrace fear parking will move to them.", "Highways would build it; a grant to them is in order.",
    ),
    Idea(
        "Glod Street garden", "The empty plot behind numbers 12 to 20, with raised beds.", "Green", 5_250, 64,
        "Who waters it in August?", "In order; the lease runs to 2031.",
    ),
    Idea(
        "Night bus on Fridays", "One round trip at eleven for twelve weeks, as a trial.", "Young people", 6_900, 16,
        "Twelve weeks may be too short to learn from.", "In order as a trial with a learning date.",
    ),
    Idea(
        "Help with forms, Tuesdays and Thursdays", "Somebody who sits beside you until it is sent.", "Help", 2_600, 180,
        "", "In order; mostly staff time.",
    ),
    Idea(
        "Sewing room in the old bank", "Six machines, good light and a teacher.", "Skills", 7_300, 72,
        "The lease is short.", "In order if the landlord signs first.",
    ),
    Idea(
        "River path handrail", "Forty metres of rail where it is steep.", "Streets", 9_950, 8,
        "", "In order; price checked against two quotations.",
    ),
    Idea(
        "Films in many languages", "Once a month, chosen by whoever comes.", "Voice", 1_750, 40,
        "", "In order.",
    ),
)  # fmt: skip
