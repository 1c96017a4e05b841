"""What importing the package costs and brings."""

import subprocess
import sys


def test_import_is_quick_and_light():
    """In an interpreter of its own: this one has torch already."""
    code = (
        "import sys, arevent; heavy = {'torch', 'transformers', 'numpy', 'yaml', 'pandas'}; "
        "print(sorted(heavy & sys.modules.keys())); arevent.Extractor; arevent.Ontology"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_unknown_name():
    import pytest

    import arevent

    with pytest.raises(AttributeError, match="has no attribute 'Extracter'"):
        _ = arevent.Extracter
