"""Lets Rasa be imported without TensorFlow.

Rasa 3.6 imports TensorFlow for components that Northstar does not use. The import hook answers those imports
with placeholders: good enough to be a base class or an annotation, an error as soon as anything is called.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

ABSENT_PACKAGES = frozenset(
    {
        "keras",
        "tensorflow",
        "tensorflow_addons",
        "tensorflow_hub",
        "tensorflow_text",
        "tf_keras",
    }
)


class TensorFlowAbsent(RuntimeError):
    """A component that needs TensorFlow was used; Northstar's pipeline and policies need none."""


class _Placeholder(type):
    """The class of every absent name: it can be subclassed and have names looked up, never be called."""

    def __getattr__(cls, name: str) -> "_Placeholder":
        if name.startswith("__"):
            raise AttributeError(name)
        return _absent(f"{cls.__name__}.{name}")

    def __call__(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TensorFlowAbsent(f"{cls.__name__} was called, but TensorFlow is not part of this environment")


def _absent(name: str) -> _Placeholder:
    return _Placeholder(name, (), {})


class _AbsentModule(ModuleType):
    def __getattr__(self, name: str) -> _Placeholder:
        if name.startswith("__"):
            raise AttributeError(name)
        return _absent(f"{self.__name__}.{name}")


class _AbsentFinder(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT_PACKAGES:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: every name is made on demand."""


def install() -> None:
    """Put the hook in front of all finders. Must run before the first import of Rasa; twice is once."""
    if not any(isinstance(finder, _AbsentFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AbsentFinder())
