"""Which kind of visit a text means, by the clinic's own words for it: "dialysis", "echo", "video"."""

from collections.abc import Mapping

from bot.care.text import fold, words_of

# What every visit is, in the languages that clinics write; such a word tells no kind.
ANY_VISIT = frozenset(
    words_of(
        "visit appointment appt check checkup exam review follow with and for the doctor clinic session "
        "cita visita consulta control revisión sesión con para del médico clínica "
        "rendez vous visite consultation contrôle suivi avec pour séance médecin "
        "retorno sessão com médica визит приём консультация осмотр для врач "
        "lịch hẹn khám buổi tái bác sĩ randevou vizit konsiltasyon pou doktè "
        "pagbisita tsek ang para doktor अपॉइंटमेंट जाँच मुलाकात डॉक्टर موعد زيارة مراجعة فحص طبيب"
    )
)
ANY_VISIT_UNSPACED = tuple(map(fold, ("就诊", "看诊", "复诊", "检查", "门诊", "预约", "진료", "방문", "예약", "검사")))
SHORTEST = 4


def is_of_kind(text: str, description: Mapping[str, str]) -> bool:
    """Whether the text holds a word of the description, in any of its languages, that not every visit has."""
    said, whole = set(words_of(text)), fold(text)
    return any(_holds(word, said, whole) for words in description.values() for word in _telling(words))


def _telling(description: str) -> list[str]:
    found = []
    for word in words_of(description):
        for common in ANY_VISIT_UNSPACED:
            word = word.replace(common, "")
        if word and word not in ANY_VISIT and (len(word) >= SHORTEST or not word.isascii()):
            found.append(word)
    return found


def _holds(word: str, said: set[str], whole: str) -> bool:
    """Whole words; where words are not spaced, two signs together."""
    return word in said or (_is_unspaced(word) and len(word) > 1 and word in whole)


def _is_unspaced(word: str) -> bool:
    """Chinese, and Korean in its folded letters."""
    return any("\u4e00" <= character <= "\u9fff" or "\u1100" <= character <= "\u11ff" for character in word)
