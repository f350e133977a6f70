"""How the place of an appointment is said to people, in their language."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.terms import Place


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where an appointment takes place. `phone` is the number that is called, by us unless it is `ours`."""

    place: Place
    address: str = ""
    phone: str = ""
    ours: bool = False
    link: str = ""


_WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "here": "Bei Ihnen",
        "video": "Video",
        "call": "Telefon: wir rufen Sie an",
        "call at": "Telefon: wir rufen Sie an ({})",
        "call us": "Telefon: bitte rufen Sie uns an ({})",
    },
    "en": {
        "here": "At your place",
        "video": "Video",
        "call": "Phone: we call you",
        "call at": "Phone: we call you ({})",
        "call us": "Phone: please call us ({})",
    },
    "fr": {
        "here": "Chez vous",
        "video": "Vidéo",
        "call": "Téléphone\u00a0: nous vous appelons",
        "call at": "Téléphone\u00a0: nous vous appelons ({})",
        "call us": "Téléphone\u00a0: veuillez nous appeler ({})",
    },
    "it": {
        "here": "Da Lei",
        "video": "Video",
        "call": "Telefono: La chiamiamo noi",
        "call at": "Telefono: La chiamiamo noi ({})",
        "call us": "Telefono: ci chiami Lei ({})",
    },
}


def spoken_where(where: Where, language: str) -> str:
    """One line: an address, who calls whom at which number, or the link of the video call."""
    if language not in _WORDS:
        raise ValueError("there are no words for places in this language")
    words = _WORDS[language]
    if where.place is Place.PHONE and where.phone:
        return words["call us" if where.ours else "call at"].format(where.phone)
    if where.place is Place.PHONE:
        return words["call"]
    if where.place is Place.VIDEO:
        return f"{words['video']}: {where.link}" if where.link else words["video"]
    return where.address or (words["here"] if where.place is Place.CUSTOMER else "")
