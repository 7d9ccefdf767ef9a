"""Elections in the Pabulib `.pb` format (pabulib.org), read and written: exact numbers, bounded memory, one sentence
for a bad file.

Text in UTF-8, fields parted by `;` (quoted where needed), three sections in order (META, PROJECTS, VOTES), each with a header
line. Met in the wild and read: CR LF line ends, a byte-order mark, non-breaking spaces, empty ballots, decimal points and
commas, extra columns, ids such as `OGM/0015`, quoted fields with line breaks inside. What disagrees without changing the count
(a `votes` column, say) is kept as a remark, never mended.
"""

from ledger.pabulib.election_file import PabulibBallot, PabulibFile, PabulibProject
from ledger.pabulib.lines import BadElectionFile, NoElectionFile, Progress, printable
from ledger.pabulib.reading import VOTE_TYPES, read
from ledger.pabulib.writing import written

__all__ = [
    "VOTE_TYPES",
    "BadElectionFile",
    "NoElectionFile",
    "PabulibBallot",
    "PabulibFile",
    "PabulibProject",
    "Progress",
    "printable",
    "read",
    "written",
]
