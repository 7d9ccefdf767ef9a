"""beancount's balance of every account, printed as JSON: `python -m tests.bench.by_beancount FILE`, the file read from nothing.

Its third release has no command for balances of its own; this is its loader, with all its checks and without its cache, and
its own sums.
"""

import json
import sys

from beancount import loader
from beancount.core import realization


def main(file: str) -> int:
    """0 when the file has no error."""
    loader.initialize(use_cache=False)
    entries, errors, _ = loader.load_file(file)
    rows = [
        [account.account, position.units.currency, str(position.units.number)]
        for account in realization.iter_children(realization.realize(entries))
        for position in account.balance
    ]
    sys.stdout.write(json.dumps(rows))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
