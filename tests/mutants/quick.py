"""A pytest plugin: Hypothesis stops at the first example that fails, for a mutant needs no smallest one."""

from hypothesis import Phase, settings

settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False)
settings.load_profile("mutants")
