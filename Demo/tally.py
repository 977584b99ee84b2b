"""Says how the requests that load.py sent were answered, from one moment to another.

Moments are seconds, as 'date +%s.%N' says them; when a request began counts.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from pathlib import Path

MEANINGS = {
    500: "what the version's process answered",
    502: "it broke off instead of answering",
    503: "it had failed five times in a row and was left alone",
    504: "it took too long",
}

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--from", dest="since", type=float, default=0)
parser.add_argument("--to", dest="until", type=float, default=float("inf"))
parser.add_argument("--sticky", action="store_true", help="say also whether users met one version only")
parser.add_argument("--all-answered", action="store_true", help="end with 1 if a request failed")
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
    print(f"  {arm:<12} {status or 'none':<5} {count:6,}  {MEANINGS.get(status, '')}".rstrip())
print(f"  {answers.total():,} requests, {failed or 'not one'} failed")
if options.sticky:
    again = [set(arms) for arms in arms_of.values() if len(arms) == 2]
    moved = sum(len(arms) > 1 for arms in again)
    print(f"  {len(again):,} users came twice; {moved or 'not one'} met another version the second time")
if options.all_answered and (failed or not answers):
    sys.exit(1)
