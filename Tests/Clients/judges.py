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


def datalinklint_remarks(url):
    """Errors and warnings about a links response."""
    report = stilts("datalinklint", "votable=" + url)
    assert "Totals: Errors:" in report, report
    return [line for line in report.splitlines() if re.match(r"[EWF]-", line)]


def taplint_remarks(url, stages):
    """Errors and failures of a TAP service, and its warnings."""
    report = stilts("taplint", "tapurl=" + url, "stages=" + stages, "report=EWF", "maxrepeat=20", "truncate=400")
    assert "Totals: Errors:" in report, report
    lines = report.splitlines()
    return [line for line in lines if re.match(r"[EF]-", line)], [line for line in lines if line.startswith("W-")]
