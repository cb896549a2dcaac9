"""Reads the YAML files of the product, by libyaml where PyYAML has it: some twelve times as fast."""

from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """The document of a file in UTF-8. Raises OSError, UnicodeDecodeError or yaml.YAMLError."""
    return yaml.load(path.read_text("utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader, both
