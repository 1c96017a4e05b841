"""The examples in docstrings give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import arevent

MODULES = [module.name for module in pkgutil.walk_packages(arevent.__path__, "arevent.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
