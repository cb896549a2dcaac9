"""The file as a page: complete in itself, no script, nothing from elsewhere; for the screen and for paper."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.page_parts import Speech
from bot.fhir.export.page_record import record_sections
from bot.fhir.export.page_talk import talk_sections
from bot.i18n import file_page as labels
from bot.i18n.render import Words

HERE = Path(__file__).parent
_environment = Environment(
    loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def make_page(file: PatientFile, words: Words, tokens: str) -> str:
    """HTML in the patient's language. `tokens` are the colours and type of all our pages, as CSS."""
    speech = Speech(file, words)
    introduction = speech.text(
        labels.INTRODUCTION,
        clinic=file.clinic,
        when=speech.moment(file.made_at),
        place=speech.place(speech.time_zone),
    )
    return _environment.get_template("page.html").render(
        language=speech.language,
        direction=speech.direction,
        title=speech.text(labels.TITLE, clinic=file.clinic),
        introduction=introduction,
        other_file=speech.text(labels.OTHER_FILE),
        left_out=speech.text(labels.LEFT_OUT, clinic=file.clinic) if file.correspondence.left_out else "",
        nothing=speech.text(labels.NOTHING),
        sections=[*record_sections(file, speech), *talk_sections(file, speech)],
        style=tokens + (HERE / "page.css").read_text("utf-8"),
    )
