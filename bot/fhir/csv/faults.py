"""What is wrong in a file, told by its row and column as a spreadsheet shows them. Holds no value of the file."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`row` counts from 1, the header included; None for the whole file. `column` is the clinic's own name for it."""

    file: str
    row: int | None
    column: str | None
    reason: str

    @property
    def what(self) -> str:
        return f"column {self.column} {self.reason}" if self.column else self.reason

    @property
    def place(self) -> str:
        return self.file if self.row is None else f"{self.file}, row {self.row}"


class FileBroken(Exception):
    """The file cannot be read on from this row; None for all of it."""

    def __init__(self, row: int | None, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.row, self.reason, self.column = row, reason, column
