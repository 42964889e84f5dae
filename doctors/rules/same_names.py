"""Are two names one name: the same characters, old or variant ones, read alike, one character apart? Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from doctors.rules.names import COMPOUND_SURNAMES, HAN, clean_name, read_name
from doctors.rules.weights import MISSING

ALIKE_LATIN = 0.92
# Old and variant forms that people type for one name, each before its modern form; folded before anything is compared.
PAIRS = (
    "張张陳陈劉刘楊杨趙赵黃黄吳吴馬马許许鄭郑韓韩馮冯蘇苏葉叶蔣蒋盧卢賈贾鄧邓謝谢鍾钟譚谭陸陆範范龍龙萬万錢钱湯汤喬乔賀贺賴赖龔龚"
    "顧顾龐庞藍蓝嚴严閻阎閆闫齊齐聶聂駱骆費费應应紀纪蕭萧羅罗孫孙鄒邹偉伟國国華华東东軍军麗丽榮荣輝辉達达慶庆傑杰發发蘭兰鳳凤鵬鹏"
    "飛飞潔洁穎颖瑩莹靜静婷婷曉晓剛刚強强勝胜興兴紅红維维鋒锋鈞钧銳锐蓮莲蘋苹銀银錦锦鐵铁靈灵聰聪學学寶宝實实會会愛爱樂乐業业義义"
    "聖圣賢贤貴贵長长開开陽阳際际險险雲云電电雙双濤涛潤润澤泽濱滨瀟潇燦灿爾尔獻献璽玺環环瓊琼畫画禮礼穩稳節节純纯紹绍經经綠绿"
    "緒绪緣缘績绩繼继習习聯联聲声肅肃臨临藝艺見见規规覺觉計计訓训詩诗誠诚諒谅資资賓宾質质贊赞軒轩運运進进遠远適适選选鈴铃鋼钢"
    "鏡镜隨随難难韻韵順顺風风駿骏驊骅魯鲁鮮鲜鴻鸿鶴鹤麥麦黨党筆笔萊莱蔭荫衛卫豐丰鑒鉴巖岩喆哲堃坤昇升"
)
VARIANTS = {ord(PAIRS[place]): PAIRS[place + 1] for place in range(0, len(PAIRS), 2)}


def folded_name(name: str) -> str:
    """Return a name in the form in which it is compared: cleaned, modern characters, no dots, lower case."""
    return re.sub(r"[·\s.\-']", "", clean_name(name).translate(VARIANTS).lower())


def split_name(name: str) -> tuple[str, str]:
    """Return surname and given name of a folded Chinese name; a Latin or dotted name has its first word as surname."""
    if not HAN.match(name):
        return name, ""
    head = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1
    return name[:head], name[head:]


@lru_cache(maxsize=65536)
def readings_of(name: str) -> frozenset[str]:
    """Return every reading of a name, syllables run together; Latin names read as they are written, in any order."""
    if HAN.search(name):
        return frozenset(
            text.replace(" ", "") for text in read_name(clean_name(name).translate(VARIANTS)).readings
        )
    words = re.findall(r"[a-z]+", clean_name(name).lower())
    return frozenset({"".join(words), "".join(sorted(words))})


def compare_names(one: str, other: str) -> int:
    """Return 0 different, 1 one character apart, 2 read alike, 3 the same name."""
    a, b = folded_name(one), folded_name(other)
    if not a or not b:
        return MISSING
    if a == b:
        return 3
    if readings_of(one) & readings_of(other):
        return 2
    if HAN.search(a) and HAN.search(b):
        near = min(len(a), len(b)) >= 3 and OSA.distance(a, b, score_cutoff=1) <= 1
        return 1 if near and a[0] == b[0] else 0
    if HAN.search(a) or HAN.search(b):
        return 0
    return 1 if JaroWinkler.similarity(a, b) >= ALIKE_LATIN else 0
