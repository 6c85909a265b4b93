"""How much of the proof of prices a run tries: a sample with every run of the tests, all of it with `--whole`."""

import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module says how many parts it has, and how many of them a sample tries: PARTS, SAMPLED."""
    if "part" in metafunc.fixturenames:
        whole = metafunc.config.getoption("--whole")
        metafunc.parametrize("part", range(metafunc.module.PARTS if whole else metafunc.module.SAMPLED))


@pytest.fixture
def each(request: pytest.FixtureRequest) -> int:
    """How many orders are placed of each catalog, in one of the two files that do."""
    return 100 if request.config.getoption("--whole") else 12
