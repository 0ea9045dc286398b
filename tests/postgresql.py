"""What ``make test`` runs on PostgreSQL as well, and why.

Every test runs on SQLite. What the other database can change is tested on it too:
statements of our own, locks, constraints, concurrency, migrations, ordering, JSON,
and what comes after a statement was refused (a transaction that PostgreSQL ends).
``make proof`` runs everything on PostgreSQL.
"""

MATRIX = "tests/site/test_access_matrix.py"
SEARCH = "tests/site/lab/test_search_pages.py"
LIST = "tests/site/samples/test_sample_list.py"
RUNS = "tests/site/runs/test_run_list.py"
CELLS = "tests/site/explore/test_population_pages.py"

REASONS = {
    # The house
    "tests/architecture/test_schema.py": "migrations, and the copy of what they make",
    "tests/common/jobs": "rows claimed under locks that others skip; leases; kills",
    "tests/common/people": "uniqueness decides who came first",
    "tests/common/record": "row locks, versions, keys that two requests bring",
    "tests/common/work": "uploads beside transactions that stay open",
    # Samples
    "tests/samples/services": "unique codes, row locks, savepoints, bulk inserts",
    "tests/samples/test_services.py": "closure of ancestry, constraints, archives",
    "tests/samples/test_facts.py": "facts replaced in bulk, the latest act by window",
    "tests/samples/test_where.py": "spans of numbers in conditions",
    "tests/samples/api/test_devices.py": "filters and order of joined layers and cells",
    # Measurements
    "tests/measurements/test_services.py": "constraints and row locks of measurements",
    "tests/measurements/test_appending.py": "appending holds a row lock",
    "tests/measurements/test_regions.py": "JSON of regions, uniqueness",
    "tests/measurements/services": "intakes: conditional constraints, row locks",
    "tests/measurements/api/test_measurements.py": "filters, order, pages, JSON fields",
    "tests/measurements/api/test_records.py": "filters, order, uniqueness",
    "tests/measurements/api/test_bad_input.py": "NUL, long text and large numbers, "
    "which only one of the databases refuses",
    # Analyses
    "tests/analysis/relations": "statements of our own: fenced steps, JSON, aggregates",
    "tests/analysis/runs": "runs superseded and current values chosen under locks",
    "tests/analysis/cell_tables": "rows written in bulk, refused rows taken back",
    "tests/analysis/test_services.py": "constraints of values and runs, savepoints",
    "tests/analysis/api": "relations, filters and order of values and runs",
    # Pages, where they ask in a way of their own
    f"{SEARCH}::test_samples_are_found_by_what_people_type": "text compared without "
    "regard to case",
    f"{SEARCH}::test_a_percent_sign_is_a_percent_sign": "signs that patterns have",
    f"{SEARCH}::test_any_text_is_answered": "the same",
    "tests/site/lab/test_search_secrets.py": "the same, with what others may see",
    "tests/site/lab/test_draft_pages.py": "JSON kept under a row lock",
    f"{LIST}::test_any_variable_is_a_filter_alike_in_page_and_api": "filters by facts",
    f"{LIST}::test_the_latest_state_of_a_sample_is_the_one_shown": "the latest",
    f"{LIST}::test_any_column_sorts_and_what_lacks_a_value_comes_last": "NULL",
    f"{LIST}::test_the_file_holds_every_sample_found_and_the_columns_chosen": "a "
    "cursor on the server",
    f"{LIST}::test_all_that_the_filters_find_is_archived_and_brought_back": "locks",
    f"{RUNS}::test_filters_narrow_the_list": "windows and groups over runs",
    f"{RUNS}::test_old_versions_are_found": "the same",
    f"{RUNS}::test_several_are_accepted_and_that_is_undone": "many row locks",
    f"{RUNS}::test_judging_begins_at_the_first_without_a_verdict": "order with NULL",
    f"{RUNS}::test_of_two_that_end_at_once_one_tells": "a lock that one waits for",
    f"{RUNS}::test_what_others_asked_at_the_same_moment_is_not_counted_along": "times",
    f"{CELLS}::test_groups_are_told_in_numbers_with_their_champions": "quantiles",
    f"{CELLS}::test_any_variable_groups": "the same",
    f"{CELLS}::test_many_numbers_are_parted_at_their_quartiles": "the same",
    f"{CELLS}::test_files_hold_the_same": "the same",
    "tests/site/kit/test_editing_together.py": "two people write one row",
    "tests/site/kit/test_pages_at_once.py": "two pages write one row at once",
    "tests/site/test_parallel_edits.py": "row locks of every unsafe method",
    "tests/site/test_half_characters.py": "text that only one of the databases refuses",
    "tests/site/test_api_manner.py": "idempotency, versions, all or nothing",
    f"{MATRIX}::test_every_route_lets_in_whom_it_should[manager]": "each page and "
    "each address of the API asks its questions once",
    f"{MATRIX}::test_valid_writes_are_refused_by_role_not_by_luck": "each act asks for "
    "its rows",
}

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences"}
# What takes a minute for itself is left to the proof.
PROOF_ONLY = ("chaos", "whole_demo")


def uses_the_database(item) -> bool:
    """Whether a test uses the database in its own process."""
    if item.get_closest_marker("browser"):
        return False
    if item.get_closest_marker("django_db"):
        return True
    if DATABASE_FIXTURES & set(item.fixturenames):
        return True
    return bool(getattr(item.cls, "databases", None))


def is_chosen(nodeid: str) -> bool:
    """Whether a test is one of those that the table names, by folder, file or name."""
    return any(
        nodeid == place or nodeid.startswith((f"{place}/", f"{place}::", f"{place}["))
        for place in REASONS
    )


def pytest_addoption(parser):
    parser.addoption(
        "--postgresql",
        choices=["chosen", "all"],
        help="run the tests of the second database: those chosen, or all that use one",
    )


def pytest_collection_modifyitems(config, items):
    if not (extent := config.getoption("postgresql")):
        return
    chosen, left = [], []
    for item in items:
        wanted = uses_the_database(item) and (
            extent == "all"
            or (
                is_chosen(item.nodeid)
                and not any(item.get_closest_marker(name) for name in PROOF_ONLY)
            )
        )
        (chosen if wanted else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = chosen
