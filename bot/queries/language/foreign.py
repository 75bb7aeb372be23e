"""Whether a text is in a language that is not read: by its letters, or by words that English has not."""

import unicodedata
from collections.abc import Iterable

# What only a question, or a wish, in another language begins with: one is enough.
_ASKING = (
    "combien quand quelle quelles quels quel dernière dernières derniers dernier liste-moi montre montrez "
    "wann wieviel wieviele welche welcher welches neueste neuesten letzte letzten zeig zeige "
    "quante quanti quanta quando quale quali ultima ultimo ultimi ultime mostra mostrami "
    "cuántas cuantas cuántos cuantos cuándo cuando cuál cuáles última último últimas últimos muestra "
    "quantas quantos quais"
)
# Short words, and those of time and releases: two together are no accident.
_COMMON = (
    "sont était étaient est avez vous nous dans depuis avec sans pour tous toutes les des une sur cette ces mois année "
    "semaine sorti sortie sorties publiée publiées de la le du en et "
    "wie viele gab gibt es wurden wurde ist sind seit und der das den dem ein eine einen für nicht von vom zum monat "
    "jahr woche im mit veröffentlicht kommt aktuelle "
    "di sono stata stato stati nel nella nello negli della delle dello degli dei dal dalla il gli mese anno settimana "
    "uscita uscite hubo fueron fue desde hasta los las del el año semana mes publicó publicadas hay quién qué "
    "houve foram mês ano"
)
_FEWEST_COMMON = 2
_ASKING_WORDS, _COMMON_WORDS = frozenset(_ASKING.split()), frozenset(_COMMON.split())


def is_foreign(words: Iterable[str]) -> bool:
    """Return whether words that were not understood seem to be of a language that is not read."""
    asked = set(words)
    by_words = not _ASKING_WORDS.isdisjoint(asked) or len(_COMMON_WORDS & asked) >= _FEWEST_COMMON
    return by_words or any(_is_of_another_script(character) for word in asked for character in word)


def _is_of_another_script(character: str) -> bool:
    return not character.isascii() and character.isalpha() and "LATIN" not in unicodedata.name(character, "LATIN")
