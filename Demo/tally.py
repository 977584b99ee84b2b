"""Says how the requests that load.py sent were answered, from one moment to another.

tally.py [--from SECONDS] [--to SECONDS] FOLDER…      moments as 'date +%s.%N' says them; a request belongs to its begin
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--from", dest="since", type=float, default=0)
parser.add_argument("--to", dest="until", type=float, default=float("inf"))
parser.add_argument("--sticky", action="store_true", help="say also whether users met one version only")
parser.add_argument("folders", type=Path, nargs="+")
options = parser.parse_args()

answers = Counter()
arms_of = defaultdict(list)
for folder in options.folders:
    # The last line may be under way.
    for line in (folder / "answers.tsv").read_text().split("\n")[:-1]:
        began, user, arm, status, _ = line.split("\t")
        if options.since <= float(began) < options.until:
            answers[arm, int(status)] += 1
            arms_of[user].append(arm)

failed = sum(count for (_, status), count in answers.items() if status != 200)
for (arm, status), count in sorted(answers.items()):
    print(f"  {arm:<12} {status or 'no answer':<10} {count:6,}")
print(f"  {answers.total():,} requests, {failed or 'not one'} failed")
if options.sticky:
    again = [set(arms) for arms in arms_of.values() if len(arms) == 2]
    moved = sum(len(arms) > 1 for arms in again)
    print(f"  {len(again):,} users came twice; {moved or 'not one'} met another version the second time")
