"""What an examination found, as lines and as JSON; pure."""

from collections.abc import Sequence

from bot.render.json_form import Json
from bot.render.words import plural, printable
from bot.services.examining import Finding, Verdict


def findings_text(findings: Sequence[Finding]) -> str:
    """Write a line for each finding, and a last one that sums up."""
    lines = [_line(each) for each in findings]
    faults = plural(sum(each.verdict is Verdict.FAULT for each in findings), "fault")
    warnings = plural(sum(each.verdict is Verdict.WARNING for each in findings), "warning")
    return "\n".join([*lines, f"{faults}, {warnings}"])


def _line(finding: Finding) -> str:
    hint = f"; {finding.hint}" if finding.hint else ""
    return f"{finding.verdict:<8}{printable(finding.where)}: {printable(finding.what)}{printable(hint)}"


def findings_json(findings: Sequence[Finding], *, is_fine: bool) -> Json:
    """Write all of it."""
    return {
        "is_fine": is_fine,
        "findings": [
            {"where": each.where, "verdict": each.verdict.value, "what": each.what, "hint": each.hint}
            for each in findings
        ],
    }
