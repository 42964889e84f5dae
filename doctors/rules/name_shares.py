"""How rare a Chinese name is: the rarer a name two records share, the more it speaks for one person. Pure.

Shares are per 100,000 people. Sources: surnames from Chinese-Names-Corpus (Apache-2.0, 2025), the most frequent 160;
characters of given names from ngender 0.1.1 (MIT), the most frequent 320; whatever is not listed is rarer than these.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log2

from doctors.rules.names import HAN
from doctors.rules.same_names import folded_name, split_name

WHOLE = 100_000
UNLISTED_SURNAME = 20.0
UNLISTED_CHARACTER = 25.0
RARITY_BITS = (11.0, 15.0, 19.0)  # one in 2,000, in 33,000, in 500,000 people
ENOUGH_NAMES = 20_000  # a base with fewer doctors says less about rarity than the tables
SURNAMES = (
    "王9520 李9340 张8960 刘6770 陈6130 杨4270 黄3260 吴2680 赵2670 周2520 徐1930 孙1830 马1720 朱1700 "
    "胡1550 林1510 郭1500 何1400 高1330 罗1260 郑1240 梁1130 谢1010 宋932 唐917 许881 邓821 冯818 "
    "韩815 曹791 曾772 彭766 肖739 蔡701 潘687 田685 董677 袁667 于642 余633 蒋632 叶632 "
    "杜619 苏606 魏603 程601 吕596 丁576 沈550 任547 姚538 卢536 钟533 姜523 崔509 谭499 "
    "廖487 范485 汪483 陆480 金467 石455 戴449 贾439 韦430 夏426 邱423 方413 侯401 邹394 "
    "熊384 孟383 秦379 白374 毛374 江369 闫360 薛347 尹346 付336 段320 雷319 黎288 史285 "
    "龙281 钱279 贺274 陶274 顾272 龚264 郝264 邵262 万254 严246 洪240 赖240 武239 傅236 "
    "莫233 孔231 汤227 向226 常218 温217 康211 施206 文204 牛202 樊200 葛195 邢192 安179 "
    "齐176 易175 乔173 伍171 庞167 颜164 倪163 庄162 聂159 章157 鲁151 岳149 翟149 申147 "
    "殷147 詹147 欧146 耿140 关137 覃136 兰134 焦133 俞132 左131 柳129 甘126 祝120 包115 "
    "代112 宁110 符109 阮109 尚109 舒109 纪106 柯106 梅105 童105 毕103 凌103 单101 季101 "
    "成100 霍100 苗100 裴100 涂100 谷99 "
)
CHARACTERS = (
    "华1620 明1379 伟1341 文1338 晓1306 建1303 军1271 海1136 国1072 志1056 红998 平934 丽880 玉855 春829 小803 "
    "峰777 东749 强734 杰722 林708 永700 云655 辉646 英638 艳623 俊619 勇614 金613 龙612 芳610 燕603 "
    "新592 敏585 玲583 涛580 波575 荣554 斌546 飞544 梅533 鹏527 娟512 霞500 萍488 成473 刚470 静468 "
    "宇461 超449 庆443 忠440 秀436 立435 亮434 德431 雪399 光399 利398 亚395 慧394 生389 婷383 佳381 "
    "洪380 磊380 宏377 君373 清353 丹344 祥342 凤341 振339 莉329 青322 良320 学318 兰318 民317 阳316 "
    "兴312 卫309 宝308 江307 琴303 锋299 娜299 兵298 瑞292 美291 健290 旭288 松288 爱272 珍270 胜268 "
    "凯265 浩265 宁259 正250 福250 桂246 彬242 琳233 世233 洁227 鑫227 晶226 秋226 长223 颖217 冬217 "
    "广215 洋215 淑215 安214 中213 家207 惠206 剑202 智202 维201 群192 月192 义192 武192 大191 欣190 "
    "子185 星183 芬181 晨180 博179 昌177 毅175 坤173 继172 彦171 莹171 天170 山170 全168 元165 思165 "
    "泽165 进162 少161 楠161 媛160 贵159 倩158 雅156 朋155 培154 雷154 树154 香152 友152 花152 雨148 "
    "远145 翔144 富143 雄142 顺142 嘉141 根140 仁139 一139 方138 锦134 乐134 冰134 喜134 传133 雯132 "
    "贤132 翠131 朝130 银130 保130 连129 虎129 琦128 琼127 梦127 景127 威125 康124 栋123 力123 会123 "
    "琪123 岩121 素121 菊120 蓉119 耀119 克119 莲118 宗117 才115 先115 璐114 鸿114 和114 彩113 向113 "
    "启113 书113 吉111 汉110 珊110 发109 跃109 万109 哲108 双108 铭108 奇107 恒107 兆106 怡106 泉105 "
    "勤102 蕾100 延100 帅100 达100 森99 欢98 士97 权97 源96 凡96 茂96 杨95 高95 南94 丰93 "
    "菲92 炜92 科91 玮91 如90 虹89 有88 芝87 川87 开86 绍86 水86 巍85 敬85 来84 聪84 "
    "政83 晖83 芹82 其82 益81 薇81 恩80 巧79 娇79 增79 鸣79 然78 风78 程78 昊78 坚76 "
    "瑜76 道75 凌75 豪75 迪73 运72 章72 佩71 盛71 治71 园71 震70 孝70 炳70 礼70 升70 "
    "黎69 田69 怀69 占68 加68 锐68 瑶68 守68 帆67 希67 艺67 铁66 承65 旺65 妮65 可65 "
    "奎65 婧65 珠65 彪65 悦65 扬64 业63 京63 萌63 祖63 航63 为63 钢63 滨63 善62 露62 "
)


@dataclass(frozen=True)
class NameShares:
    """Shares of surnames and of characters in given names, per 100,000."""

    surnames: Mapping[str, float]
    characters: Mapping[str, float]


@lru_cache(maxsize=1)
def shipped_shares() -> NameShares:
    """Return the shares of the tables above."""
    return NameShares(_table(SURNAMES), _table(CHARACTERS))


def shares_of(names: Iterable[str]) -> NameShares:
    """Return the shares found in a base of names; too few names leave the tables in force."""
    surnames, characters = Counter[str](), Counter[str]()
    for name in names:
        surname, given = split_name(folded_name(name))
        if given:
            surnames[surname] += 1
            characters.update(given)
    if surnames.total() < ENOUGH_NAMES:
        return shipped_shares()
    return NameShares(_shares(surnames), _shares(characters))


def commonness(name: str, shares: NameShares) -> tuple[float, float]:
    """Return how rare surname and given name are, in bits: small numbers are common names."""
    surname, given = split_name(folded_name(name))
    if not HAN.match(surname) or not given:
        return 10.0, 10.0
    first = -log2(shares.surnames.get(surname, UNLISTED_SURNAME) / WHOLE)
    rest = sum(-log2(shares.characters.get(one, UNLISTED_CHARACTER) / WHOLE) for one in given[:2])
    return first, rest


def rarity_level(name: str, shares: NameShares) -> int:
    """Return 0 for a very common name, 1 common, 2 rare, 3 very rare."""
    return bisect(RARITY_BITS, sum(commonness(name, shares)))


def _shares(counts: Counter[str]) -> dict[str, float]:
    whole = counts.total()
    return {text: round(count * WHOLE / whole, 2) for text, count in counts.most_common(1000)}


def _table(text: str) -> dict[str, float]:
    return {name: float(share) for name, share in re.findall(r"(\D+?)(\d+) ", text)}
