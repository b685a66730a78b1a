"""Whether a word is spelt as a Vietnamese syllable can be: a mark lost before a final c, ch, p or t shows.

Highland and foreign names follow no such rule, so an odd syllable is a doubt, never an error.
"""

from __future__ import annotations

import unicodedata

_ONSETS_TEXT = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q r s t th tr v x"
#: Rhymes without tone, after Doan Thien Thuat, Ngu am tieng Viet (1977), in today's spelling; q takes those in u-.
_RHYMES_TEXT = """
a ai am an ang anh ao ap at au ay ac ach ă ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ic ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu y yt ynh yêm yên yêng yêt yêu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oem oen oeo oet oi om on ong ooc oong
op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uai uam uan uang uanh uao uap uat uac uach uay uăc uăm uăn uăng uănh uăp uăt uâc uân uâng uât uây uc ue uen ueo
uet uê uêch uên uênh ui uit um un ung uơ uơn up ut uôc uôi uôm uôn uông uôt uy uya uych uyn uynh uyp uyt uyu uyên
uyêng uyêt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
"""
_ONSETS = frozenset(("", *_ONSETS_TEXT.split()))
_RHYMES = frozenset(_RHYMES_TEXT.split())
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOPS = ("c", "ch", "p", "t")
_TONES_BEFORE_A_STOP = (["\u0301"], ["\u0323"])


def is_syllable(word: str) -> bool:
    """Return whether a word, in any case, can be a Vietnamese syllable; hòa and hoà both can."""
    letters = unicodedata.normalize("NFD", word.casefold())
    tones = [c for c in letters if c in _TONES]
    bare = unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES))
    if len(tones) > 1:
        return False
    for cut in range(min(3, len(bare)), -1, -1):
        onset, rhyme = bare[:cut], bare[cut:]
        if onset in _ONSETS and _fits(onset, rhyme):
            return not rhyme.endswith(_STOPS) or tones in _TONES_BEFORE_A_STOP
    return False


def _fits(onset: str, rhyme: str) -> bool:
    return rhyme in _RHYMES and (onset != "q" or rhyme.startswith("u"))


def odd_words(text: str) -> tuple[str, ...]:
    """Return the words of a text, made of letters alone, that are no Vietnamese syllables."""
    words = (word.strip(".,()/-:") for word in text.split())
    return tuple(word for word in words if word.isalpha() and not is_syllable(word))
