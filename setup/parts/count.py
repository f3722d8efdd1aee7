"""Counts the tests of xUnit reports, a line for each report and one for all; fails when one failed or none ran."""

import sys
import xml.etree.ElementTree as ElementTree

total = [0, 0, 0]
for path in sys.argv[1:]:
    cases = list(ElementTree.parse(path).iter("testcase"))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    counts = [len(cases) - failed - skipped, failed, skipped]
    total = [a + b for a, b in zip(total, counts)]
    print("{}: {} passed, {} failed, {} skipped".format(path.rsplit("/", 1)[-1], *counts))
print("{} passed, {} failed, {} skipped".format(*total))
sys.exit(0 if total[0] and not total[1] else 1)
