"""The few labels of the web chat's page, in the visitor's language. What the bot says comes from the catalogs."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Labels:
    """`{clinic}` and `{name}` are filled in by the page."""

    language: str
    title: str
    lede: str
    text: str
    send: str
    log: str
    you: str
    person: str
    nothing_yet: str
    sign_in: str
    sign_in_why: str
    phone: str
    send_code: str
    code_sent: str
    code: str
    confirm: str
    other_phone: str
    wrong_code: str
    too_many: str
    too_long: str
    signed_in: str
    sign_out: str
    telegram: str
    telegram_link: str
    emergency: str


ENGLISH = Labels(
    language="en",
    title="Chat with {clinic}",
    lede="Ask about visits and medicines. A person helps when I can’t.",
    text="Your message",
    send="Send",
    log="Messages",
    you="You",
    person="A person at {clinic}",
    nothing_yet="Nothing written yet. Ask, for example: When is my next visit?",
    sign_in="Sign in",
    sign_in_why="To see your own visits and medicines, sign in with the phone number that {clinic} has for you.",
    phone="Phone number",
    send_code="Text me a code",
    code_sent="If {clinic} knows that number, a code is on its way by text message. It works for 10 minutes.",
    code="Code from the text message",
    confirm="Sign in",
    other_phone="Use another number",
    wrong_code="That code does not fit or is too old. Check it, or ask for a new one.",
    too_many="That was very often. Wait a few minutes, then try again.",
    too_long="That is too long; nothing was sent. Write it in shorter parts.",
    signed_in="You are signed in.",
    sign_out="Sign out",
    telegram="Continue in Telegram",
    telegram_link="Open Telegram",
    emergency="In an emergency call your local emergency number. This chat is not watched at all hours.",
)
SPANISH = Labels(
    language="es",
    title="Chat con {clinic}",
    lede="Pregunte sobre sus citas y medicinas. Si no puedo ayudar, lo hará una persona.",
    text="Su mensaje",
    send="Enviar",
    log="Mensajes",
    you="Usted",
    person="Una persona de {clinic}",
    nothing_yet="Todavía no hay mensajes. Pregunte, por ejemplo: ¿Cuándo es mi próxima cita?",
    sign_in="Iniciar sesión",
    sign_in_why="Para ver sus citas y medicinas, inicie sesión con el número de teléfono que {clinic} tiene de usted.",
    phone="Número de teléfono",
    send_code="Enviarme un código",
    code_sent="Si {clinic} conoce ese número, el código le llegará por mensaje de texto. Sirve durante 10 minutos.",
    code="Código del mensaje de texto",
    confirm="Iniciar sesión",
    other_phone="Usar otro número",
    wrong_code="El código no coincide o ya venció. Revíselo o pida uno nuevo.",
    too_many="Fueron demasiados intentos. Espere unos minutos y vuelva a intentarlo.",
    too_long="El texto es demasiado largo y no se envió. Escríbalo en partes más cortas.",
    signed_in="Ha iniciado sesión.",
    sign_out="Cerrar sesión",
    telegram="Seguir en Telegram",
    telegram_link="Abrir Telegram",
    emergency="En una emergencia llame a su número local de emergencias. Nadie vigila este chat a todas horas.",
)
LABELS: Mapping[str, Labels] = {"en": ENGLISH, "es": SPANISH}


def labels_for(accept_language: str) -> Labels:
    """The first language of an Accept-Language header that the page speaks; browsers list the best first."""
    ranked: list[tuple[float, str]] = []
    for entry in accept_language.split(","):
        tag, _, quality = entry.strip().partition(";q=")
        ranked.append((_quality(quality), tag.split("-")[0].lower()))
    ranked.sort(key=lambda each: -each[0])
    return next((LABELS[tag] for quality, tag in ranked if quality > 0 and tag in LABELS), ENGLISH)


def _quality(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
