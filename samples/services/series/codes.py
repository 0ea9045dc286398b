"""Codes of a series by pattern: written, checked, compared with what is there."""

from django.core.exceptions import ValidationError

from samples import series
from samples.models import Sample
from samples.models.samples import code_validator
from samples.series import SeriesError
from samples.services.series.patterns import counted, series_names

LONGEST_CODE = 60


def code_fault(code):
    """What is wrong with a code; empty where nothing is."""
    if not code:
        return "A code has at least one character."
    if len(code) > LONGEST_CODE:
        return f"{code[:20]}… has {len(code)} characters; a code has {LONGEST_CODE}."
    try:
        code_validator(code)
    except ValidationError as error:
        return f"{code!r}: {' '.join(error.messages)}"
    return ""


def set_codes(plan, given, pattern, first_number, codes):
    """Name every sample, and mark names that are taken or come twice."""
    column = given.get("code")
    kept = plan.kept
    try:
        first = 1 if first_number in (None, "") else int(first_number)
    except (TypeError, ValueError):
        plan.wrong("first_number", f"{first_number!r} is no whole number.")
        first = 1
    if not 0 <= first <= 1_000_000:
        plan.wrong("first_number", "Count from 0 or more, at most a million.")
        first = 1
    if not pattern.strip() and not (column and all(column)):
        plan.wrong("code", "Write a pattern such as C-{n:02}.")
        return
    pattern = series.as_prefix(pattern.strip(), len(kept))
    known = ["n", "batch", *plan.names]
    try:
        unknown = [name for name in series.names_in(pattern) if name not in known]
    except SeriesError as error:
        plan.wrong("code", error)
        return
    if unknown:
        plan.wrong(
            "code", f"{unknown[0]!r} is not known (there are {', '.join(known)})."
        )
        return
    written = dict(enumerate(column)) if column else {}
    places = {id(row): index for index, row in enumerate(plan.rows)}
    for offset, row in enumerate(kept):
        own = codes.get(row.key) or written.get(places[id(row)])
        try:
            row.generated_code = row.code = series.fill(
                pattern, row.values | counted(plan, first + offset), into="code"
            )
        except SeriesError as error:
            row.code = ""
            if not own:
                row.wrong("code", error)
        if own:
            row.code = own.strip()
        if row.code and (message := code_fault(row.code)):
            row.wrong("code", message)
    is_free = not column and not codes and len(kept) > 1
    if is_free and len({row.code for row in kept}) == 1 and kept[0].code:
        plan.wrong(
            "code",
            f"Every sample would be {kept[0].code}: add {{n:02}} to the pattern.",
        )
        return
    _refuse_taken(plan)
    if "n" in series_names(pattern):
        plan.next_number = _next_free(plan, pattern, first)


def _refuse_taken(plan):
    seen = {one.code: "the mixture" for one in plan.precursors}
    for number, row in enumerate(plan.rows, 1):
        if row.is_left_out or not row.code:
            continue
        if row.code in seen:
            row.wrong("code", f"{row.code} is also the code of {seen[row.code]}.")
        seen.setdefault(row.code, f"row {number}")
    there = {
        sample.code: sample
        for sample in Sample.objects.filter(
            project=plan.project, code__in=list(seen)
        ).only("code", "kind", "archived_at")
    }
    for row in plan.kept:
        if row.code in there:
            row.wrong("code", f"There is a sample {_named(there[row.code])} already.")
    taken = [one.code for one in plan.precursors if one.code in there]
    if taken:
        plan.wrong(
            "precursor_code",
            f"There is a sample {_named(there[taken[0]])} already"
            + (f", and {len(taken) - 1} more of these." if len(taken) > 1 else "."),
        )


def _named(sample):
    put_away = ", archived" if sample.archived_at else ""
    return f"{sample.code} ({sample.get_kind_display().lower()}{put_away})"


def _next_free(plan, pattern, first):
    """Where to count from so that no code is taken; None where nothing is taken."""
    if not any(
        "already" in text for row in plan.kept for text in row.errors.get("code", ())
    ):
        return None
    for _ in range(20):
        numbers = range(first, first + len(plan.kept))
        codes = {
            series.fill(
                pattern, row.values | counted(plan, number), into="code"
            ): number
            for number, row in zip(numbers, plan.kept, strict=True)
        }
        taken = Sample.objects.filter(
            project=plan.project, code__in=list(codes)
        ).values_list("code", flat=True)
        highest = max((codes[code] for code in taken), default=None)
        if highest is None:
            return first
        first = highest + 1
    return None
