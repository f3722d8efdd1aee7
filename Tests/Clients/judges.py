"""The validators of STILTS."""

import re
import subprocess


def stilts(command, *arguments, input=None):
    finished = subprocess.run(
        ["stilts", command, *arguments], input=input, stdin=subprocess.DEVNULL if input is None else None, capture_output=True, timeout=600)
    return (finished.stdout + finished.stderr).decode(errors="replace")


def votlint_remarks(document):
    """What votlint has to say about a VOTable; nothing when all is well."""
    return [line for line in stilts("votlint", "votable=-", input=document).splitlines() if line.strip()]


# Terms of the vocabulary http://www.ivoa.net/rdf/datalink/core that came after the list built into STILTS 3.4.7.
NEWER_TERMS = re.compile(r"E-SMCO-\d+ Unknown predicate '(counterpart|documentation)' from core DataLink vocabulary")


def datalinklint_remarks(url):
    """Errors and warnings about a links response, but for terms that this release of STILTS does not know yet."""
    report = stilts("datalinklint", "maxrepeat=1000", "votable=" + url)
    assert "Totals: Errors:" in report, report
    return [line for line in report.splitlines() if re.match(r"[EWF]-", line) and not NEWER_TERMS.match(line)]


def taplint_remarks(url, stages):
    """Errors and failures of a TAP service, and its warnings."""
    report = stilts("taplint", "tapurl=" + url, "stages=" + stages, "report=EWF", "maxrepeat=20", "truncate=400")
    assert "Totals: Errors:" in report, report
    lines = report.splitlines()
    return [line for line in lines if re.match(r"[EF]-", line)], [line for line in lines if line.startswith("W-")]
