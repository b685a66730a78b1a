"""Random spellable Vietnamese syllables: text that no lexicon can guess.

A recogniser that has learnt the names of provinces reads them without looking at the tone marks.
Syllables drawn at random make it look, and are the honest part of a score.
"""

import random

from training.charset import TONE_MARKS, nfc, words

_BACK_ONSETS = ("c", "g", "ng")
_FRONT_ONSETS = ("k", "gh", "ngh")
_OTHER_ONSETS = (*words("b ch d đ gi h kh l m n nh ph qu r s t th tr v x"), "")
_FRONT_VOWELS = "eêiy"
_RHYMES = words(
    "a e ê i o ô ơ u ư y ai ao au âu ay ây eo êu ia iu oa oe oi ôi ơi oai oay ua uê ui uôi "
    "uơ uy ưa ưi ươi ươu ưu iêu yêu ac ach am an ang anh ap at ăc ăm ăn ăng ăp ăt âc âm ân "
    "âng âp ât ec em en eng ep et êch êm ên ênh êp êt ich im in inh ip it iêc iêm iên iêng "
    "iêp iêt oc om on ong op ot ôc ôm ôn ông ôp ôt ơm ơn ơp ơt oan oang oanh oac oach oat "
    "oăn oăng oăt oen oet uc um un ung up ut uân uât uôc uôm uôn uông uôt uyên uyêt uynh "
    "ưc ưng ưt ươc ươm ươn ương ươp ươt yên yêm"
)
_STOPS = ("c", "ch", "p", "t")
_STOP_TONES = ("\u0301", "\u0323")
_TWO_SPELLINGS = ("oa", "oe", "uy")
_HIGHLAND = words("Y H' K' Ea Ia Đắk Krông Chư Buôn Plei Kbang Niê Bhăm Rơ Brêu Siu Kpă")
# Place and family names of the highlands follow no Vietnamese spelling rule.
_HIGHLAND_SHARE = 0.03


def syllable(rng: random.Random) -> str:
    """Draw one lower-case syllable that the spelling rules allow."""
    if rng.random() < _HIGHLAND_SHARE:
        return rng.choice(_HIGHLAND)
    rhyme = rng.choice(_RHYMES)
    onset = rng.choice(_onsets_before(rhyme))
    tone = rng.choice(_STOP_TONES if rhyme.endswith(_STOPS) else ("", *TONE_MARKS))
    at = _marked_vowel(rhyme, rng)
    return nfc(onset + rhyme[: at + 1] + tone + rhyme[at + 1 :])


def _onsets_before(rhyme: str) -> tuple[str, ...]:
    if rhyme[0] == "u":
        return tuple(onset for onset in _OTHER_ONSETS if onset != "qu") + _BACK_ONSETS
    return _OTHER_ONSETS + (_FRONT_ONSETS if rhyme[0] in _FRONT_VOWELS else _BACK_ONSETS)


def _marked_vowel(rhyme: str, rng: random.Random) -> int:
    """Index of the vowel that carries the tone; `hòa` and `hoà` are both in use."""
    vowels = [index for index, letter in enumerate(rhyme) if letter in "aăâeêioôơuưy"]
    hatted = [index for index in vowels if rhyme[index] in "ăâêôơư"]
    if hatted:
        return hatted[-1]
    if vowels[-1] < len(rhyme) - 1:
        return vowels[-1]
    if rhyme in _TWO_SPELLINGS:
        return rng.choice(vowels)
    return vowels[0] if len(vowels) < 3 else vowels[1]
