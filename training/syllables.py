"""Random spellable Vietnamese syllables: text that no lexicon can guess.

A recogniser that has learnt the names of provinces reads them without looking at the tone marks.
Syllables drawn at random make it look, and are the honest part of a score.
"""

import itertools
import random
import re

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
# Place and family names of the highlands follow no Vietnamese spelling rule: a few that exist, and parts of others.
_HIGHLAND = words(
    "Y H' K' Ea Ia Đắk Krông Chư Buôn Plei Kbang Niê Bhăm Rơ Brêu Siu Kpă Kon Plông H'leo Knốp M'gar M'Drắk "
    "Đăk Pơ K'Bang Ayun Hdrê Rcăm Ksor Rmah Bhnong Tơmo Glar Kroong Drăng Ktơh Mlô Byă Êban Kđăm"
)
_HIGHLAND_ONSETS = words(
    "b bh bl br ch' đr đ' dr gl gr h' hl hm hr hn k' kb kđ kh kl km kn kp kr ks kt l m' ml mn mr n' ng'h "
    "pl pr r' rc rm s' sr t' tl tr x y' z"
)
_HIGHLAND_RHYMES = words(
    "a ai ak ăk ắk al an ăn ang ăng ar ao ăm âng âk âl e ek eo el ê êk êl êng êr i ia ik il ing ir iê o ok "
    "ông ôk ôl ôr ô ơ ơk ơl ơn ơng ơr ôp u uôl uôr uk ul ung ur ưng ưr ươi uăn oong"
)
_HIGHLAND_SHARE = 0.06


def _placements() -> dict[str, str]:
    """`òa` to `oà`, `Úy` to `Uý` and back, in every case and tone."""
    pairs: dict[str, str] = {}
    for glide, tone in itertools.product(_TWO_SPELLINGS, TONE_MARKS):
        first, second = glide[0], glide[1]
        for a, b in ((first, second), (first.upper(), second), (first.upper(), second.upper())):
            early, late = nfc(a + tone + b), nfc(a + b + tone)
            pairs |= {early: late, late: early}
    return pairs


_PLACEMENTS = _placements()
# In `quý` the u belongs to the consonant, and inside `hoàng` the tone has one place only.
_OPEN_GLIDE = re.compile(rf"(?<![qQ])(?:{'|'.join(_PLACEMENTS)})(?!\w)")


def other_tone_placement(text: str) -> str:
    """Move the tone of every open glide to its other customary place: `Hòa` to `Hoà` and back."""
    return _OPEN_GLIDE.sub(lambda match: _PLACEMENTS[match.group()], text)


def syllable(rng: random.Random) -> str:
    """Draw one lower-case syllable that the spelling rules allow."""
    if rng.random() < _HIGHLAND_SHARE:
        return _highland(rng)
    rhyme = rng.choice(_RHYMES)
    onset = rng.choice(_onsets_before(rhyme))
    tone = rng.choice(_STOP_TONES if rhyme.endswith(_STOPS) else ("", *TONE_MARKS))
    at = _marked_vowel(rhyme, rng)
    return nfc(onset + rhyme[: at + 1] + tone + rhyme[at + 1 :])


def _highland(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(_HIGHLAND)
    return rng.choice(_HIGHLAND_ONSETS) + rng.choice(_HIGHLAND_RHYMES)


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
