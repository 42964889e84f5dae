"""The words the pre-check looks for: one rule a row, with its sources, what it says and what to do instead.

A rule hits where `pattern` matches and neither `unless` (the match with its surroundings) nor the sentence takes it
back (negation, prohibition) nor, for rules that a source cures, a citation stands beside it.
Sources marked M are company policy until somebody has read the article; they are shown without an article number.
`samr` names the rows of SAMR's advertising monitoring code table (药品广告, YP) that a rule stands for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

AD_LAW = "广告法 (2021)"
DRUG_LAW = "药品管理法 (2019)"
MONITORING = "市场监管总局广告监测违法代码表（药品）"
REP_MEASURE = "医药代表管理办法 (2026)"
RDPAC = "RDPAC 行业行为准则 (2022)"
POLICY = "公司政策（法源待核）"

MUST = "must"
SHOULD = "should"


@dataclass(frozen=True)
class LintSource:
    """Where a rule stands. `confidence` is V-P, V-S or M."""

    instrument: str
    clause: str
    confidence: str


@dataclass(frozen=True)
class LintRule:
    """One kind of finding. `cured_by_citation`: a source beside the words answers it, outside advertisements."""

    id: str
    severity: str
    sources: tuple[LintSource, ...]
    title: dict[str, str]
    fix: dict[str, str]
    pattern: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    cured_by_citation: bool = False
    ignores_negation: bool = False
    samr: tuple[str, ...] = ()


def _source(instrument: str, clause: str, confidence: str = "V-P") -> LintSource:
    return LintSource(instrument, clause, confidence)


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_MEASURED = r"(?:有效|治愈|治愈|缓解|显效|应答|达标|好转|改善|控制|根除|痊愈|见效|康复)"
_OTHER_DRUG = (
    r"(?:同类|其他|其它|别的|传统|竞品|原研|仿制|国产|进口|普通|常规|现有|老药|一代|市售|市面上?|对手|"
    r"[一-龥A-Za-z0-9\-]{0,8}(?:他汀|列净|格列[一-龥]|普利|沙坦|地平|洛尔|双胍|单抗|替尼|拉唑|霉素|西林|"
    r"头孢[一-龥]{0,3}|抑制剂|拮抗剂|激动剂|阻滞剂|胰岛素|片剂|胶囊|注射液|颗粒|西药|中药|药物|产品|疗法|品牌|药品|方案|治疗))"
)
_BODY = (
    r"(?:专家|院士|教授|名医|医生|医师|药师|主任|大咖|学会|协会|权威机构|权威专家|科研机构|研究院|医院|国家|"
    r"卫健委|药监局|政府|部委|央视|明星|名人|世卫组织|WHO|FDA)"
)

LEXICAL: tuple[LintRule, ...] = (
    LintRule(
        id="ABSOLUTE",
        severity=MUST,
        sources=(_source(AD_LAW, "第9条第3项"), _source(MONITORING, "YP26、YP32", "V-S")),
        title={"zh": "绝对化用语", "en": "Absolute term"},
        fix={
            "zh": "改为可核实的事实：写明研究、终点和数值。",
            "en": "State a fact that can be checked: study, endpoint, figure.",
        },
        pattern=_any(
            r"(?:新|行业|治疗|品质)标杆|(?:医患|患者|医生|临床|专业)(?:共同)?(?:信赖|之选|优选|放心)|(?:理想|优质|绝佳|明智|放心|信赖|黄金|王者|贴心|安心|优先)(?:的)?(?:之选|选择(?!性|题)|伙伴|伴侣)",
            r"(?:业内|行业|国内|全国|全球|国际|世界|同类)(?:首创|首款|首个(?!获批|批准|在)|独创|之冠|之首|翘楚|典范|第一梯队)|(?:糖尿病|治疗|行业|历史)[一-龥]{0,6}(?:里程碑|新纪元|新时代|奇迹)|(?:开创|引领|改写|重新定义)[一-龥]{0,6}(?:时代|先河|未来|潮流|标准|历史|治疗|格局)",
            r"(?:远|大大|全面)?(?:高于|超越|超过|优于)(?:行业|国家|国际|欧美|药典)标准|品质(?:卓越|超群|上乘|过硬)|(?:卓越|超群|非凡|惊艳|震撼|炸裂|逆天|强大)(?:的)?(?:疗效|效果|品质|功效|表现|性能)|(?:疗效|效果|品质|功效)(?:卓越|超群|非凡|惊艳|震撼|炸裂|逆天|强大|看得见|显而易见|立见|一流|突出|喜人|出众|满分|杠杠的|没得说)",
            r"健康(?:守护神|卫士|保护神|专家)|(?:守护|护航)(?:您|全家|一生|生命)|(?:神器|法宝|利器|救星|福音|克星|天敌|终结者|守护者)(?!团队)|(?:不可多得|难得一见|绝无二家|仅此一家|别无二选|无可挑剔|无懈可击|尽善尽美|十全十美|精品|极品|佳品|珍品|圣品)",
            r"最(?!大|小|低|高|长|短|多|少|初|终|近|后|新|常|早|晚|严重|主要|重要|适|为|不|接近|易|普遍|差|坏|末|快(?!起|的)|慢|深|宽|厚|基本|邻近|可能|相关|先(?!进)|关键|佳|优|强效)[一-龥]{1,2}",
            r"[一-龥](?<!女|国|帝|君|霸|天)之王|(?:降[糖压脂]|药|药物|品质)(?:界的?|中的)?(?:天花板|标杆|扛把子|一哥)|无人能及|无出其右|遥遥领先|领跑(?:全国|全球|行业|市场)|所向披靡",
            r"不二(?:之选|选择)|非[^。，]{1,8}莫属|(?:就|只)(?:选|认|用)(?:它|本品|我们)|[降治][一-龥]{1,3}就选|认准[一-龥]{2,6}|别的[^。，]{0,4}(?:不用|不必)(?:考虑|选|看)|远胜|完胜|吊打|秒杀",
            r"最(?:佳|好|优|强|先进|高级|高水平|高品质|安全|有效|权威|理想|著名|受欢迎|流行|新技术|新科技|高科学|高技术|"
            r"快起效|快速的|低价|便宜|好用|放心|可靠|完善|完美|专业|全面的|优秀|顶尖|大突破)",
            r"史上最|唯一|独家|首选|必选|顶级|顶尖|极致|完美|终极|万能|无敌|王牌|冠军|至尊|巅峰|绝佳|至臻|殿堂级|超凡",
            r"绝对(?!值|风险|获益|差|卧床|禁忌|计数|生物|数|不应期|湿度|偏差|误差|构型|减少|增加|降低|变化)",
            r"国家级|世界级|全球级|宇宙级|国际级|(?:全球|世界|国际|国内|全国|行业|业界|同行)(?:领先|领导|顶尖|首位|之最|第一)",
            r"(?:领导|第一|领军)品牌|领导者|领头羊",
            r"(?:疗效|效果|销量|排名|行业|市场|全国|全球|国内|世界|品质|品牌|口碑|安全性?|选择)(?:位居|排名|排|位列|均|稳居|占有率)?第一(?!代|类|线|次|例)",
            r"第一(?:选择|名|品牌|位的)|\bNO\.?\s?1\b|\bTOP\s?1\b|首屈一指|独一无二|绝无仅有|无可比拟|无与伦比|无可替代|不可替代|不可超越|不可复制",
            r"史无前例|空前(?:绝后)?|永恒的?经典|经典之作|药之王|药王|神药|划时代|里程碑式|革命性|颠覆性",
            r"百分之?百|百分百|金标准(?:治疗|用药|药物)|治疗(?:的)?金标准|权威(?:认证|之选|选择|品牌|药)",
            r"\bthe (?:best|safest|only|most effective)\b|\bnumber one\b|\bunrivall?ed\b|\bworld[- ]leading\b|\bbest[- ]in[- ]class\b",
        ),
        unless=_any(
            r"最佳(?:支持|总体|疗效评价|矫正|缓解|客观|证据|实践|可用|对照|治疗时机|给药时间|切点|临界|拟合)",
            r"最优(?:化|拟合|解)|最强(?:效|作用)?(?:抑制|激动)剂",
            r"唯一的?(?:编码|标识|性|编号|识别|死因|区别|不同|差异|局限|变量|索引|主要终点|代码)",
            r"首选(?:术语|语|项|名)|唯一码",
            r"完美(?:一致|拟合|相关)",
            r"国家级(?:继续|医学|继教|课题|项目|临床|重点|医保)",
            r"冠军(?:杯|侯)",
            r"(?:第一|首个)(?:作者|单位)",
            r"the only (?:source|difference|exception)",
        ),
        samr=("YP26", "YP32"),
    ),
    LintRule(
        id="EFFICACY_GUARANTEE",
        severity=MUST,
        sources=(_source(AD_LAW, "第16条第1款第1项"), _source(DRUG_LAW, "第90条第2款")),
        title={"zh": "功效的断言或保证", "en": "Assertion or guarantee of efficacy"},
        fix={
            "zh": "删去断言，写明在何种人群、以何终点、变化多少，并注来源。",
            "en": "Drop the assertion; give population, endpoint, change, and source.",
        },
        pattern=_any(
            r"(?:恢复|回到|康复|焕然)如(?:初|新|常)|(?:修复|再生|重建|激活|唤醒)(?:受损)?(?:胰岛|细胞|肝|肾|血管|神经|软骨|功能)[一-龥]{0,4}|不(?:再)?(?:受|被)[一-龥]{1,6}(?:困扰|折磨)|经?临床(?:验证|证实|证明)[，,]?(?:疗效|效果|有效|安全)(?!性终点|终点|的研究)",
            r"[一二三四五六七八九十两半\d]+\s*(?:天|日|周|小时|分钟|个?月|次|盒|片|剂)(?:内|后|就|即|便|即可|左右)*(?:能|可|会)?(?:就|即)?(?:起效|见效|显效|有效(?!期)|生效|达标|恢复|正常|康复|好转|改善|消失|止痛|退烧|降下来)(?!时间|者|率|[^。，]{0,12}(?:安慰剂|\[))",
            r"(?:患者|病人|服用者|使用者|用户)(?:一致)?(?:反映|反馈|普遍反映|都说|表示)[^。；\n]{0,8}(?:好|满意|有效|良好|稳定|明显|神)|满意(?:度|率)(?:高达|达|超过|接近|为)?\s*\d|(?:一定|肯定|包)(?:能)?(?:行|灵|管用|管事)|(?:真|特别|超级|非常|十分|极其|格外)(?:有效|管用|灵验|见效|显著|神奇)",
            r"不(?:打针|吃药|运动|节食|忌口)[^。；\n]{0,10}(?:也|就|照样)(?:能|可|可以)|(?:随便|放开|想吃就|尽情)吃|(?:不|无)(?:用|需)(?:控制)?(?:饮食|运动|忌口)|停药(?:后)?(?:也)?不反弹|绝不反弹|不(?:会)?反弹|(?:控制|降)[糖压脂](?:的)?(?:秘密|秘诀|捷径|妙招|绝招|神器)|(?:使用|服用)本品(?:可|能|可以)?(?:降低|减少|避免|预防|防止|杜绝)[一-龥]{0,8}(?:癌|瘤|死亡|中风|发生)",
            r"(?:恢复|重回|找回|重拾|回归)(?:健康|正常生活|青春|活力|自信|年轻)|(?:延年益寿|长命百岁|长寿)|(?:直击|直达|深入|攻克)(?:病灶|病根|病因|根源)|标本兼治|治标(?:又|更|也)治本|从根本上|(?:根本|本质)上解决|见效(?:快|神速|迅速)|(?:起效|降[糖压脂]|止痛)(?:神速|飞快|超快|又快又稳|快又稳|稳又快)",
            r"(?:服用?|使用|用药|用|吃|坚持|仅需|只需)[一二三四五六七八九十两半\d]+\s*(?:天|周|个?月|小时|次|盒|片|疗程)[^。；\n]{0,12}?(?:恢复正常|正常了|就正常|消失|好了|康复|见效|断药|停药了|逆转)",
            r"从此(?:不再|不用|告别|远离|无忧|摆脱)|再也不(?:用|必|怕|会|需)|轻松(?:搞定|控[糖压]|降[糖压脂]|达标|战胜|应对)|告别(?:胰岛素|打针|药片|病痛|糖尿病|高血压|失眠)|高枕无忧|药效(?:惊人|神奇|强劲)|(?:战胜|征服|终结|攻克)(?:糖尿病|高血压|肿瘤|癌症|疾病|病魔)",
            r"根治|药到病除|一针见效|立竿见影|手到病除|妙手回春|起死回生",
            r"(?:可|能|能够|可以|完全|彻底|帮助患者|实现|真正|轻松)(?:实现)?(?:治愈|痊愈|治好|康复如初)",
            r"治愈(?:各种|所有|任何)?[一-龥0-9]{0,8}(?:病|症|炎|癌|瘤|高血压|失眠|脱发|疼痛)(?!变|例|房|历|区)",
            r"(?:永不|不再|绝不|杜绝|不会|告别|无)复发(?!率)|彻底(?:治愈|清除|消除|解决|摆脱|告别|根除|痊愈|治疗|康复|断根)|断根|除根|去根",
            r"疗效(?:确切|确凿|肯定|有保证|有保障|卓越|神奇|惊人|突出|非凡|毋庸置疑|无可置疑|可靠)|效果(?:卓著|神奇|惊人|立显|肯定|有保障|有保证|确切)",
            r"(?:确保|保证|包|保|承诺|担保)(?:疗效|有效|治愈|治好|康复|痊愈|见效|达标|疗程内|一个疗程|您|患者|患者的|血[压糖脂])(?!期|率)",
            r"(?:必定|必将|一定|肯定|必然|绝对|定能|必能|都能|均能|均可|都会|都可以?|全部|无一例外)(?:会|能|可以|可|都|地|帮助|使|让)?[一-龥]{0,6}?"
            + rf"(?:显著)?(?:{_MEASURED}|治愈|获益|受益|治好|好转|起效)(?!率|期|不)",
            r"100\s*[%％]\s*(?:有效|治愈|缓解|安全|好转|起效|达标|见效|康复)",
            r"(?:人人|个个|例例|所有患者|全部患者|每一?位患者|任何患者|不同[一-龥]{1,6}患者)(?:都|均|皆)?(?:可|能|会)?(?:显著)?(?:有效|获益|受益|见效|起效|治愈)",
            r"特效(?:药|疗法|治疗)?|奇效|神效|灵丹|妙药|速效根|一用就(?:好|灵|见效)|一贴见效|当天见效|当日见效|[一二三两\d]{1,2}天(?:见效|治愈|治好|康复|断根)|[一两]个?疗程(?:治愈|根治|痊愈|即愈|见效|康复)",
            r"还您健康|重获新生|摆脱(?:疾病|病痛|药物|糖尿病|高血压)(?:困扰)?|一劳永逸|逆转(?:糖尿病|衰老|病程|肝硬化|高血压)",
            r"\bguarantee[sd]?\b|\b100\s?% (?:effective|safe)\b|\bmiracle\b|\bcures?\b(?! rate)|\bnever (?:relapse|fail)s?\b",
        ),
        unless=_any(
            r"根治(?:性|术|手术|切除|放疗|意图|率)|幽门螺杆菌根治|保证(?:书|金)|包(?:有效期)",
            r"(?:临床|功能性)治愈(?:标准|定义|率)|治愈(?:标准|定义)|无复发(?:生存|生存期|间期)",
            r"不能保证|无法保证|cure[ds]? (?:rate|fraction)|特效(?:解毒|拮抗)",
            r"均可(?:见|有)",
        ),
        samr=("YP11",),
    ),
    LintRule(
        id="SAFETY_GUARANTEE",
        severity=MUST,
        sources=(_source(AD_LAW, "第16条第1款第1项"), _source(MONITORING, "YP23", "V-S")),
        title={"zh": "安全性的断言或保证", "en": "Assertion or guarantee of safety"},
        fix={
            "zh": "列出不良反应的名称、发生率和来源。",
            "en": "List the adverse reactions with their rates and source.",
        },
        pattern=_any(
            r"(?:没有|无|不存在|不会有)(?:任何|明显)?(?:的)?(?:耐药|依赖|成瘾|毒性|刺激|伤害|负担|风险|隐患|后遗症|禁忌(?!症?[：:]|证))(?:性|问题|现象|之忧|症)?(?!者|患者|时|的患者|数据|报道|证据|史)|(?:副作用|不良反应|毒性|风险)(?:几乎|基本|近乎|接近|趋于)?(?:为零|没有|可忽略|可以忽略|忽略不计|不存在)|(?:几乎|近乎|基本)(?:没有|无)(?:任何)?(?:副作用|不良反应|风险|毒性)",
            r"(?:绿色|天然|草本|纯中药|植物)[，、,]?(?:天然|健康|安全|温和|无害|放心|环保)|温和(?:调理|养护|不伤)|(?:孩子|儿童|宝宝|孕妇|老人|孕妈|哺乳期妈妈)(?:也|都|均|亦)(?:能|可以?|可放心|适合|安心)(?:放心)?(?:用|吃|服|使用)?|(?:无需|不需|不用|不必)(?:常规|定期|任何|特别)?(?:监测|检查|检测|复查|随访)(?:肝|肾|血|功能|任何)[一-龥]{0,6}|安全(?:系数|等级)(?:高|最)|(?:安心|安全)(?:之选|首选|无患)|久服无害|可(?:以)?(?:终身|终生|长期|常年)(?:放心)?(?:服用|使用)而?(?:无|不|没)",
            r"(?:不会|不|绝不)(?:对[^。，]{1,8})?(?:造成|带来|增加|产生|引起|出现)(?:任何|丝毫|一点|半点)(?:的)?[一-龥]{0,2}(?:负担|伤害|损害|损伤|依赖|副作用|不良反应|影响|风险)|(?:不必|无需|不用|毋须|大可不必|完全不用)(?:过分)?(?:担心|顾虑|害怕|忌口)|(?:尽可|大可|尽管|完全可以)放心|安全(?:性)?(?:媲美|等同于?|堪比|如同)(?:安慰剂|食品|维生素|清水|[一-龥]{1,4})|温和(?:不刺激|无刺激|无害)|像吃饭一样安全|(?:孕妇|孕期|哺乳期|婴幼儿|老人|老年人)[^。；]{0,6}(?:都|也|均)(?:能|可|可以|能够)(?:放心)?(?:吃|用|服用|使用)",
            r"(?:无|没有|零|几乎无|毫无|基本没有)(?:任何|明显)?(?:的)?(?:毒|毒性|毒副|副)(?:副)?(?:作用|反应)|无毒(?:无害|无副|副|安全)",
            r"零(?:风险|毒性|伤害|负担|副作用|不良反应)|(?:无|没有)(?:任何)?(?:不良反应|用药风险|安全隐患|后顾之忧|依赖性?)(?!报告|的报告|发生|相关|史|数据|、|者|时|监测)",
            r"(?:绝对|完全|十分|非常|百分百|更加|极其|高度|使用|长期使用|服用|用药|长期服用|充分)?安全(?:可靠|无忧|无虞|无害|无毒|无副作用|放心|有保障|有保证|有效无|、?无副作用)",
            r"(?:绝对|完全|百分百|百分之百)安全|安全性(?:有保障|有保证|极高|极佳|无可挑剔|毋庸置疑|无忧|高枕无忧)",
            r"(?:毒副作用|毒副反应|副作用|副反应|不良反应|毒性)(?:极|非常|很|更|较|都很|也)?(?:小|低微|少(?!见|于|数|量|尿)|轻微可忽略|可忽略)",
            r"不会(?:产生|引起|出现|造成|有|发生)(?:任何)?(?:的)?(?:不良反应|副作用|依赖性?|耐药性?|伤害|损害)",
            r"纯(?:天然|中药|植物)(?:制剂|成分|配方|提取)?|天然(?:成分|草本|植物|药物|提取)?[，,、]?(?:所以|因此|更|非常|十分|绝对)?(?:安全|放心|无毒|温和无)",
            r"不伤(?:肝|肾|胃|身|脾)|(?:可以?|能|请|尽管|令人)?放心(?:使用|服用|长期|地?用|用药|处方)|长期(?:服用|使用|用药)(?:也|都|均)?(?:很|十分|更)?安全(?!性|监测|随访|数据)",
            r"(?:适合|适用于?)(?:于)?(?:所有|任何|各类|一切)(?:人群?|患者|年龄|体质)|老少皆宜|孕妇(?:和|及|、)?(?:儿童)?(?:也|都|均)?(?:可|能)(?:以)?放心|人人可用|男女老少",
            r"\bno (?:side effects|adverse (?:effects|reactions)|risks?)\b|\brisk[- ]free\b|\b(?:completely|totally|absolutely) safe\b",
        ),
        unless=_any(
            r"(?:既往|有无|是否|如)(?:无|有)?不良反应|无(?:毒性)?反应剂量|未见(?:明显)?(?:不良反应|毒性)",
            r"无不良反应(?:剂量|水平)|不良反应少(?:见|于|数)|no (?:adverse events?|side effects) (?:were|was) (?:reported|observed)",
            r"observed adverse",
        ),
        samr=("YP11", "YP23"),
    ),
    LintRule(
        id="RATE",
        severity=MUST,
        sources=(_source(AD_LAW, "第16条第1款第2项"), _source(AD_LAW, "第11条第2款")),
        title={"zh": "治愈率或有效率", "en": "Cure or response rate"},
        fix={
            "zh": "广告中删去；学术资料中注明研究、人群、N 和出处。",
            "en": "Remove it from advertisements; elsewhere give study, population, N and source.",
        },
        pattern=_any(
            r"(?:有效|治愈|缓解|显效|达标|好转|改善|控制|痊愈)率[^。；;\n]{0,8}?(?:百分之[一二三四五六七八九十百]+|[一二三四五六七八九两]成)",
            r"(?:百分之[一二三四五六七八九十百]+|[一二三四五六七八九两]成(?:以上|多|左右)?)的?(?:患者|病人|人群|用户|糖友|受试者)[^。；\n]{0,8}(?:有效|治愈|痊愈|好转|见效|缓解|获益|受益|达标|康复|消失|满意|改善)",
            r"每\s*(?:\d+|[十百])(?:名|位|个|例)(?:患者|病人)?(?:中|里)?(?:就)?(?:有|约有)\s*(?:\d+|[一二三四五六七八九])(?:名|位|个|例)?[^。；\n]{0,6}(?:有效|治愈|好转|达标|缓解|获益)",
            rf"(?:总|临床|客观|完全|总体|平均|综合)?{_MEASURED}率[^。；;\n]{{0,14}}?\d+(?:\.\d+)?\s*[%％]",
            rf"\d+(?:\.\d+)?\s*[%％][^。；;\n]{{0,4}}?(?:的)?(?:总|临床|客观)?{_MEASURED}率",
            rf"{_MEASURED}率(?:非常|极|很|更)?(?:高|领先|居首|显著提高|大幅提升|近?百分|接近百分|超九成|过九成|达九成|[超近达]?[一二三四五六七八九]成)",
            r"\d+(?:\.\d+)?\s*[%％](?:以上)?(?:的)?(?:患者|病人|人群|用户)(?:[一-龥]{0,6})?(?:有效|治愈|痊愈|好转|见效|缓解|获益|达标|康复|症状消失|满意)",
            r"(?:cure|response|remission|effective) rate[^.;\n]{0,20}?\d+(?:\.\d+)?\s*%",
        ),
        cured_by_citation=True,
        samr=("YP7",),
    ),
    LintRule(
        id="COMPARISON",
        severity=MUST,
        sources=(_source(AD_LAW, "第16条第1款第3项"),),
        title={"zh": "与其他药品比较", "en": "Comparison with other medicines"},
        fix={
            "zh": "删去比较；确有头对头研究时，写明研究、终点、数值和出处。",
            "en": "Remove it; where a head-to-head study exists give study, endpoint, figure and source.",
        },
        pattern=_any(
            r"(?:对比|相比|比起|不同于|有别于|区别于)[^。；\n]{0,12}(?:药物?|产品|疗法|品牌|类似|前代|旧款|传统|普通|其他)[^。；\n]{0,10}(?:更|快|稳|优|强|好|安全|省|少)|[第]?[一二三]代(?:药物|产品|药)[^。；\n]{0,6}(?:更|远|不)|更(?:安全|有效|强效|持久|稳定|经济|优越|先进|放心|高效|平稳|快速|温和)(?:、|，|又|且|的(?:选择|降|治疗|药|方案|产品))",
            rf"(?:优势明显|更胜一筹|高下立判|优劣分明|胜出一筹|一骑绝尘)|{_OTHER_DRUG}[^。；\n]{{0,8}}(?:相形见绌|望尘莫及|甘拜下风|自愧不如)|升级换代(?:之选|产品)|取代(?:了)?{_OTHER_DRUG}",
            r"(?:选择|改用|换用|换成)本品(?:后)?[^。；\n]{0,10}(?:更|优于|好于|胜过)",
            rf"(?:优于|强于|胜于|胜过|好于|高于|快于|低于|超过|超越|远超|赶超|领先于?|碾压|秒杀|甩开|完胜){_OTHER_DRUG}",
            rf"(?:比|较|相比(?:于)?|对比|与|和|同){_OTHER_DRUG}[^。；;\n]{{0,14}}?(?:更|高出?|低|快|好|强|优|佳|安全|有效|显著|胜|少|短|长)",
            rf"(?:是|为|达到?){_OTHER_DRUG}[一-龥]{{0,6}}?的?[\d.几数]+倍",
            r"(?:疗效|效果|安全性|耐受性|起效|降[压糖脂]幅?度?)(?:明显|显著|全面)?(?:更|优于|强于|好于|胜过|超越|超过|领先于?)(?:好|佳|强|优|快|高|胜一筹|出色|安全)?(?!安慰剂|基线|对照|常模|预期|预设)",
            r"(?:副作用|不良反应|毒性|低血糖风险)(?:明显|显著)?(?:更(?:少|小|低)|低于|少于)(?!安慰剂|基线|对照|预期|1)",
            rf"{_OTHER_DRUG}(?:所)?(?:无法|不能|难以)(?:比拟|企及|相比|达到|媲美)|替代{_OTHER_DRUG}的(?:首选|选择)|媲美(?:进口|原研)",
            r"\b(?:superior to|better than|safer than|more effective than|outperforms)\b(?! placebo| baseline)",
        ),
        unless=_any(
            r"(?:优于|高于|低于|超过|好于|较|与|比)(?:安慰剂|基线|治疗前|对照组|入组|正常|参考|上限|推荐|常规剂量|最大)",
            r"(?:与|和|同)[^。；]{0,16}(?:合用|联合|联用|同服|并用|相互作用)",
        ),
        cured_by_citation=True,
        samr=("YP8",),
    ),
    LintRule(
        id="ENDORSEMENT",
        severity=MUST,
        sources=(
            _source(DRUG_LAW, "第90条第2款"),
            _source(AD_LAW, "第16条第1款第4项"),
            _source(MONITORING, "YP1、YP9、YP10、YP32、YP33", "V-S"),
        ),
        title={
            "zh": "以机构、专家、患者或代言人作推荐证明",
            "en": "Endorsement by bodies, experts, patients",
        },
        fix={
            "zh": "删去推荐者；引用指南时写原文、推荐级别和出处。",
            "en": "Remove the endorser; quote a guideline in its words with grade and source.",
        },
        pattern=_any(
            r"(?:全国|国内|全球|各地|众多|多家|数[百千]家|上[百千]家|[一二三四五六七八九十百千\d]+(?:多|余)?家)[一-龥]{0,6}(?:医院|药店|诊所|机构)(?:都|均)?(?:都?在用|都?在使用|使用|选用|信赖|选择|推荐|采购|同款)|(?:领导|首长|总理|主席|部长|省长|市长)(?:同志|人)?(?:们)?[^。；\n]{0,6}(?:关怀|视察|关心|支持|批示|题词|接见|肯定)|(?:主任|教授|院长|专家|医生|博士|院士|大夫|名医)(?:们)?(?:强烈|大力|一致|亲自|郑重|首要|积极|鼎力|倾情|诚意)(?:推荐|支持|认可|好评)|(?:药监|卫生|医保|质检|工商|食药监|政府)(?:部门|局|系统)?(?:权威)?(?:认证|认可|推荐|指定|表彰|背书)",
            r"(?:被|获)[一-龥]{0,10}(?:誉为|称为|评为|封为|奉为|点赞|追捧|盛赞)|(?:央视|新华社|人民日报|媒体)(?:争相)?(?:报道|推荐|上榜|曝光|力推)|(?:粉丝|网友|客户|病友圈|朋友圈)[^。]{0,6}(?:好评|热议|追捧|刷屏|都在用)",
            rf"{_BODY}(?:们)?(?:联名|联手|纷纷)?(?:力挺|站台|都说|都选|公认|青睐|一致好评|号召|专用|御用|同款|代言|专供|点名|背书)|(?:医保局|疾控中心|疾控|红十字会|世界卫生组织|中科院|工程院|清华|北大|协和|华西|301)[一-龥]{{0,8}}?(?:推荐|认可|认证|指定|研制|专用|力荐)",
            r"用了都说好|口碑(?:爆棚|载道|极佳|相传|见证)|好评如潮|赞不绝口|有口皆碑|(?:放心|良心|明星|网红)药|(?:业内|业界|同行|临床)(?:医生)?(?:一致)?公认|(?:无数|众多|广大|成千上万)(?:的)?(?:患者|糖友|家庭|病友|医生)(?:的)?(?:选择|信赖|见证|受益|推荐|一致|亲测)|(?:病友|糖友|患者|网友)(?:们)?(?:亲测|分享说|都说|力荐|安利)|亲测有效",
            r"(?:超过|已有|多达|逾|近|超)[一二三四五六七八九十两百千\d.]+(?:百|千)?[万亿千](?:余|多|名|位|个)?(?:患者|糖友|病友|医生|家庭|用户|国人)(?:正在|已经|已|因此|从中)?(?:受益|获益|使用|选用|见证|信赖|重获|摆脱)",
            rf"{_BODY}(?:们)?(?:一致|共同|联合|联袂|强烈|鼎力|隆重|权威|亲自|郑重|重点|特别|优先)?(?:推荐|力荐|首推|指定|认可|认证|推崇|选用|信赖|背书|保荐|点赞|称赞|好评|都在用|在用|首选)",
            r"(?:推荐|指定|认证)(?:用药|产品|品牌|药品|单位)|(?:定点|专用|专供|特供)(?:用药|产品|药品)?",
            r"指南(?:一致)?(?:首推|力荐|首选|唯一|最高推荐|强力推荐|A级首推)",
            r"患者(?:见证|现身说法|口碑|亲述|口口相传|的?亲身(?:经历|体验)|好评|反馈(?:说|称|良好|效果)|信赖|都说|心声|推荐|真实案例证明)",
            r"(?:形象|品牌|产品)?代言(?:人)?|(?:影帝|影后|歌手|主持人|世界冠军|奥运冠军)",
            r"(?:荣获|斩获|喜获|摘得|获得|获评|蝉联|被评为|评为|入选)[^。；;\n]{0,16}?(?:金奖|大奖|奖项|称号|一等奖|优质产品|名牌|好药|品牌榜|名优|驰名商标|十佳|百强)",
            r"(?:[数上]?[百千万亿]+|\d+(?:\.\d+)?\s*[万亿]?)(?:余|多|名|位|个)?(?:患者|医生|家庭|用户|国人|家医院|专家)(?:的)?(?:共同|一致|信赖|选择|首选|信任|见证|放心)",
            r"(?:解放军|军队|部队|军区|武警|军医|海军|空军|军工)[一-龥]{0,8}?(?:研制|专供|推荐|特供|科技|配方|总医院|指定|首选|都在用)",
            r"人民大会堂|国宴|国家领导人?|国旗|国徽|国歌|中南海",
            r"(?:教授|主任|院士|专家|医生|博士)[“\"：:][^。\n]{0,40}(?:本品|效果|疗效|好药|推荐|首选)",
            r"(?:教授|主任|院士|专家|博士|医生)(?:表示|指出|认为|说|称|评价)[^。\n]{0,24}(?:本品|该药|这款药|效果很好|疗效很好|值得|放心)",
            r"\b(?:recommended|endorsed|trusted) by (?:leading |top )?(?:doctors|experts|specialists|physicians|patients)\b",
        ),
        unless=_any(
            r"(?:医生|医师|专家|药师)(?:处方|指导|建议)|推荐(?:剂量|级别|等级|意见|起始|强度|用量|疗程)",
            r"(?:国家|医院)(?:指定|认可)(?:的)?(?:传染病|定点医疗|医保|出生缺陷|哨点)|定点(?:医院|医疗机构|零售药店)",
            r"endorsed by the (?:ethics|label)|专用(?:溶剂|注射器|稀释液|给药器|章|账户|通道|电话)",
        ),
        samr=("YP1", "YP9", "YP10", "YP32", "YP33"),
    ),
    LintRule(
        id="GUIDELINE_WITHOUT_SOURCE",
        severity=MUST,
        sources=(_source(AD_LAW, "第11条第2款"),),
        title={"zh": "引用指南或共识未注出处", "en": "Guideline quoted without source"},
        fix={
            "zh": "写明指南名称、年份、推荐级别和出处。",
            "en": "Name the guideline, its year, grade and source.",
        },
        pattern=_any(r"(?:指南|共识)(?:均|都|一致|明确|已)?(?:推荐|建议|指出|认为|将[^。；\n]{0,12}列为)"),
        cured_by_citation=True,
        samr=("YP10",),
    ),
    LintRule(
        id="DISPARAGEMENT",
        severity=MUST,
        sources=(_source(AD_LAW, "第13条"),),
        title={"zh": "贬低其他产品", "en": "Disparagement of others"},
        fix={"zh": "删去对他人产品的评价。", "en": "Remove the judgement on other products."},
        pattern=_any(
            r"(?:别|不要|千万别|莫)(?:再)?(?:被|上|用|买|信)[^。；\n]{0,8}(?:骗|当|其他|别的|杂牌|仿制|同类)|(?:山寨|杂牌|冒牌|伪劣|三无|低端|廉价)(?:药|产品|货)?|(?:其他|同类|别家|友商|对手)[^。；\n]{0,8}(?:做不到|没有|望尘|抄袭|模仿|缺陷|隐患|致癌|召回|危害)",
            rf"{_OTHER_DRUG}[^。；;\n]{{0,14}}?(?:无效|没有?效果|效果(?:太|很|较|并不)?(?:差|一般|不好)|疗效(?:太|很|较)?(?:差|不佳|不确切|存疑)|劣质|落后|淘汰|(?:很|太|十分|更)危险|毒副作用(?:太|很|较)?大|副作用(?:太|很|较|更)?(?:大|多)|不安全|害人|不如|垃圾|伪劣|杂质(?:太|很|较|更)?多|质量(?:太|很|较)?(?:差|堪忧|不稳定)|不可靠|治标不治本|伤[肝肾胃]|过时)",
            r"(?:不如|远不如|比不上)(?:本品|我们|我司|本产品)|(?:揭露|曝光|警惕)(?:竞品|同类|对手|仿制药|国产药)|别再用[一-龥]{2,10}了",
            r"(?:只能|仅能)治标|是智商税|早已过时|漏洞百出",
        ),
        unless=_any(r"治疗(?:无效|失败|效果不佳|不达标)(?:的|者|后|时|患者)", r"效果不佳(?:的|者|时|后)"),
        samr=("YP8",),
    ),
    LintRule(
        id="OFF_LABEL_WORDS",
        severity=MUST,
        sources=(_source(DRUG_LAW, "第90条第1款"), _source(AD_LAW, "第16条第2款")),
        title={"zh": "暗示说明书以外的用途", "en": "Use outside the label suggested"},
        fix={
            "zh": "只写说明书批准的适应症；超说明书问题转医学部解答。",
            "en": "Keep to the approved indications; hand off-label questions to medical.",
        },
        pattern=_any(
            r"在[一-龥]{2,14}(?:患者|人群|病人|领域|方面)中?(?:也|同样|亦)(?:显示|表现|展现|取得|具有|有|可)|(?:提高|提升|增强|全面提升|改善)(?:自身|机体|人体)?(?:免疫力|抵抗力|体质|睡眠质量|皮肤|气色|精气神|代谢率)|(?:配合|搭配)[一-龥]{0,6}(?:减肥|减重|瘦身|健身)|(?:护心|护肾|护肝|护眼|护脑|养颜|美白|瘦身|抗衰|抗癌|防癌)(?:功效|作用|功能|又|且|、|，|双|三|效果)|一举[多两三]得|多重(?:获益|保护|功效)|(?:健康人|正常人|亚健康(?:人群)?|未患病者)(?:也|均|都|亦)?(?:可|能|适合|适用)",
            r"(?:患者|人群|人士|老人|儿童|孕妇|者)(?:同样|也|亦)(?:适用|可使用|可用|可以用|受益|能受益|适合|可放心)|(?:同时|此外|而且|并且)?还(?:可以?|能|能够)(?:有效)?(?:保护|护|养|调理|改善|预防|治疗|降低|减轻|延缓|提高|增强)|(?:适合|推荐给?|帮助)[^。，]{0,8}(?:健康人|普通人|正常人|想减[重肥]|爱美|亚健康)|(?:用于|助力|轻松|实现|快速|帮助您?)(?:减重|减肥|瘦身|塑形|美容|抗衰老?|延年益寿|保健|养生|提高免疫力|增强免疫力)",
            r"(?:还|也|亦|同样|此外)(?:可|能|可以|能够|被)(?:以)?(?:广泛)?(?:用于|用来|治疗|改善|预防|缓解)",
            r"对[一-龥、]{1,14}(?:也|同样|亦)(?:有|具有)(?:较好|一定|良好|很好|显著|明显)?(?:的)?(?:效果?|益|帮助|作用|疗效)",
            r"(?:超|非)(?:说明书|适应症)(?:用药|使用|用途|应用)?(?:也|同样|可|的?经验|效果|推荐)|说明书(?:之|以)?外(?:的)?(?:用途|适应症|应用|疗效|人群)(?:也|同样|广|可|值得|包括)?|适应症(?:之|以)?外(?:的)?(?:使用|用途|患者)",
            r"(?:拓展|扩展|扩大)(?:应用|用途|适应症|使用)(?:范围|人群|至|到)?|新用途|(?:临床|实践|专家)(?:中)?发现[一-龥，,]{0,10}(?:还|也)(?:可|能|有)|一药多用|潜在适应症",
            r"off[- ]label (?:use|experience)|\balso (?:works|helps|effective) (?:for|in)\b",
        ),
        unless=_any(
            r"(?:还|也|亦)可(?:用于|见于)(?:配制|稀释|冲洗)|不(?:支持|推荐|建议|鼓励|讨论|涉及|提供)[^。]{0,8}说明书"
        ),
        samr=("YP6",),
    ),
    LintRule(
        id="CURE_ALL",
        severity=MUST,
        sources=(_source(MONITORING, "YP22", "V-S"),),
        title={"zh": "包治百病或适合所有症状", "en": "Said to help against everything"},
        fix={"zh": "只写批准的适应症。", "en": "Keep to the approved indications."},
        pattern=_any(
            r"包治百病|百病(?:皆|全|尽)?(?:治|消|除)|万病|一药(?:多治|通治)|通治|(?:适合|适用于)(?:所有|任何|各种|一切)(?:症状|疾病|病症|病)",
            r"各种[一-龥]{0,6}(?:病|症)(?:都|均|皆)(?:可|能|有效|适用|治)|什么病都能",
        ),
        samr=("YP22",),
    ),
    LintRule(
        id="NECESSITY",
        severity=MUST,
        sources=(_source(MONITORING, "YP24、YP30", "V-S"),),
        title={"zh": "称为生活或治疗必需", "en": "Called indispensable"},
        fix={"zh": "删去。", "en": "Remove it."},
        pattern=_any(
            r"(?:患者|糖友|病友|家庭|中老年人?)(?:的)?(?:必不可少|不可或缺|必备|离不开)",
            r"(?:人人|家家|每个家庭|每位糖友|糖友)(?:都)?(?:应该|应|要|值得|该)(?:常备|拥有|备|有一盒)",
            r"(?:家庭|居家|家中|出行|旅行|生活|办公|人人|家家|中老年人?|妈妈|冬季|养生|治疗)(?:的)?(?:必备|常备|必需品?|必不可少|少不了|离不开)",
            r"治疗[一-龥0-9]{0,8}的?(?:必需品|必备|刚需)|(?:必备|常备)(?:良药|好药|之选|药箱|佳品)|不可或缺的(?:良药|选择|药物)|治疗(?:所|的)?(?:必须|必需)(?:药物|之药|品)|没有它不行",
        ),
        samr=("YP24", "YP30"),
    ),
    LintRule(
        id="PERFORMANCE",
        severity=MUST,
        sources=(_source(MONITORING, "YP25", "V-S"),),
        title={"zh": "称能提高成绩、精力、身高、智力", "en": "Said to raise marks, energy, height or wit"},
        fix={"zh": "删去。", "en": "Remove it."},
        pattern=_any(
            r"(?:提高|提升)(?:学习)?成绩|(?:增强|提升)竞争力|精力(?:更)?(?:旺盛|充沛)|(?:帮助|促进|助力|轻松|儿童|孩子|青少年|有效|快速)增高|增高(?:助长|药|产品)|益智|补脑|提高智力|(?:应对|应付|备战|冲刺)(?:升学|考试|中考|高考|职场|紧张生活)",
            r"(?:工作|学习|加班)(?:更)?(?:有劲|高效|不累)|记忆力(?:倍增|大增|超群)|聪明(?:伶俐|大脑)",
        ),
        unless=_any(
            r"激光增高|增高(?:的)?(?:者|患者|风险|趋势|水平)|(?:水平|血压|血糖|血脂|酶|蛋白|指标|浓度|计数|压|量|值)增高"
        ),
        samr=("YP25",),
    ),
    LintRule(
        id="UNSCIENTIFIC",
        severity=MUST,
        sources=(_source(MONITORING, "YP26", "V-S"),),
        title={"zh": "不科学的用语", "en": "Unscientific wording"},
        fix={"zh": "改为说明书或文献的表述。", "en": "Use the wording of label or literature."},
        pattern=_any(
            r"(?:高|尖端|黑|前沿|领先)科技(?:结晶|成果|含量|产品|配方|制造)?|(?:最新|国际先进|先进|独有|独创|独特|专利|尖端)(?:制法|工艺|技术|配方|秘方|科技)(?:打造|铸就|精制|研制|制成|加持)",
            r"祖传|秘方|宫廷|御用|古方(?:今用|新制)?|量子|负离子|干细胞级|纳米级(?:吸收|渗透)|基因级修复|细胞级修复|排毒(?:养颜)?|溶栓洗血|清血管垃圾",
        ),
        samr=("YP26",),
    ),
    LintRule(
        id="FEAR",
        severity=MUST,
        sources=(_source(MONITORING, "YP28", "V-S"),),
        title={"zh": "引起恐惧或暗示不用会加重", "en": "Causes fear, or suggests harm without the product"},
        fix={"zh": "客观写明疾病风险和来源。", "en": "State the risk soberly, with source."},
        pattern=_any(
            r"(?:不|没)[一-龥]{1,4}[，,]?(?:离|距)[一-龥]{1,4}(?:只|仅)(?:差|剩|有)?一步|(?:瘫痪|失明|截肢|透析|猝死|癌变)(?:就)?(?:在眼前|找上门|离您不远|等着您|悄然而至)",
            r"死路一条|(?:等|只能)(?:死|等死|截肢|透析)|无药可救|(?:一旦|如果)[^。；\n]{0,10}(?:必死|必然|就完了|死路|致命|无法逆转)|(?:正在|悄悄|默默)(?:吞噬|侵蚀|摧毁|夺走|杀死)|(?:夺命|索命|催命|要命)|下一个就是您|(?:恐怖|吓人|可怕|惨痛)",
            r"错过(?:它|本品|治疗|时机)[^。；\n]{0,12}(?:无法|追悔|来不及|后悔|等于|就)|无法挽回|追悔莫及|悔之晚矣|为时已晚|再(?:拖|等|不)[^。；\n]{0,8}就(?:晚|来不及|没救|完)|拖(?:一天|下去)[^。；\n]{0,8}(?:危险|加重|癌变|要命)|没救了|家破人亡",
            r"(?:不|不及时|如不|若不|再不|如果不|停用|不坚持)(?:治疗|使用|用药|服用|用本品|吃药)?[^。；;\n]{0,10}?(?:就会|必将|必然|迟早|势必|等于)[^。；;\n]{0,10}?(?:瘫|死|癌|病|加重|失明|截肢|衰竭|恶化|中风|卒中|复发|自杀|后悔)",
            r"慢性自杀|(?:致命|隐形|头号|无声)杀手|后果(?:不堪设想|极其严重)|(?:死神|死亡)(?:敲门|临近|逼近|威胁|倒计时)|离[一-龥]{2,4}只有一步|人财两空|生不如死|坐以待毙|可怕的(?:后果|并发症)",
        ),
        samr=("YP28",),
    ),
    LintRule(
        id="GIFT",
        severity=MUST,
        sources=(_source(MONITORING, "YP29", "V-S"), _source(RDPAC, "第7条", "V-S")),
        title={"zh": "赠送、优惠、有奖或利益", "en": "Gift, discount, prize or benefit"},
        fix={"zh": "删去。任何利益都不得与药品相连。", "en": "Remove it. No benefit may go with a medicine."},
        pattern=_any(
            r"(?:赠阅|附赠|加赠|另送|随药赠|免单|包邮|包退|包换|特惠|大促|秒杀价|优惠(?:活动|价|券|购)|福利(?:放送|派送|大放送))|(?:节|周年庆|双十一|618)(?:特惠|大促|钜惠|优惠|感恩|回馈)",
            r"(?:买|购|订|开)(?:药|盒|满[一二三四五六七八九十\d]+[盒元])?(?:就|即|满)?(?:送|赠|返|减)|(?:奖励|补贴|资助|报销)(?:您|医生|客户)?[^。；\n]{0,6}(?:旅游|机票|住宿|差旅|购物|现金|讲课费|劳务费)|(?:讲课费|劳务费|咨询费|好处费|辛苦费|感谢费|信息费)(?!.{0,8}(?:标准|上限|合规|政策))",
            r"(?:签到|到场|到会|参会|转发|注册|扫码|填写|下载|关注)[^。，；\n]{0,6}?(?:即|就|可|立)?(?:送|领|得|赠|获赠)|(?:送|领取|赠|奖励|兑换)[^。；\n]{0,6}(?:手环|手机|水杯|雨伞|体检卡|月饼|红酒|血糖仪|话费|流量|大米|鸡蛋|门票|机票|旅游)|第二[盒瓶支]半价|半价|会员价",
            r"免费(?:治疗|赠送|赠药|领取|试用|体验|派发|送药)|买[一二三四五六\d]+[盒瓶支]?[送赠]|赠送|(?:好|豪|精美|伴手)?礼(?:品|包|盒|金|遇)|红包|返[点利现]|回扣|提成|佣金",
            r"(?:有奖|抽奖|中奖|兑奖|积分兑换|集赞)|(?:购药|限时|特价|促销|团购|会员)(?:优惠|折扣|立减|特惠|价|活动)|满减|打折|[一二三四五六七八九\d.]+折(?!叠)|优惠券|代金券|购物卡|加油卡|特价",
        ),
        unless=_any(
            r"(?:慈善|患者)(?:援助|救助)[^。]{0,8}赠药|生存礼|礼貌|(?:不得|禁止|严禁)[^。]{0,12}(?:礼|回扣|红包|赠)",
            r"佣金(?:制度禁止)?(?=被禁止)|骨折|曲折|[一二三]折(?:线|射|返|断|光)",
        ),
        samr=("YP29",),
    ),
    LintRule(
        id="PROMISE",
        severity=MUST,
        sources=(_source(MONITORING, "YP31", "V-S"),),
        title={"zh": "退款、承保等保证", "en": "Refund or insurance promised"},
        fix={"zh": "删去。", "en": "Remove it."},
        pattern=_any(
            r"无效包(?:退|赔|换)|(?:包|保)(?:退|赔)|(?:治不好|没效果|不见效)(?:不要钱|不收费|退)",
            r"(?:无效|不满意|没效果|不好)(?:全额|可|就|即|包|立即)?(?:退款|退货|退钱|免单)|保险公司(?:保险|承保|担保)|(?:签约|协议)治疗|假一[赔罚][十百三]|全额退款|money[- ]back",
        ),
        samr=("YP31",),
    ),
    LintRule(
        id="PUBLIC_AFFAIRS",
        severity=MUST,
        sources=(_source(AD_LAW, "第9条第2项"), _source(MONITORING, "YP1、YP34", "V-S")),
        title={"zh": "借用公共事件、成就或国家机关", "en": "Borrows public events or state bodies"},
        fix={"zh": "删去与药品无关的公共信息。", "en": "Remove what has nothing to do with the medicine."},
        pattern=_any(
            r"(?:航天|载人飞船|神舟|嫦娥|登月|火箭|奥运|亚运|世博|进博|两会|国庆|建党|脱贫|一带一路|抗疫|战疫|高铁)[一-龥]{0,8}?(?:科技|指定|合作|品质|专用|成果|精神|英雄|首选|同款|选择|献礼|级|保障用药|助力)",
            r"国家(?:重点|机密|保密|保护|专利)(?:推荐|推广|配方|品种金奖)|献礼(?:国庆|建党|两会)|国务院(?:推荐|指定)|(?:政府|国家)(?:采购)?(?:首选|唯一指定)",
        ),
        samr=("YP1", "YP34"),
    ),
    LintRule(
        id="CHILD_APPEAL",
        severity=MUST,
        sources=(_source(AD_LAW, "第40条第1款"), _source(MONITORING, "YP14、YP35", "V-S")),
        title={"zh": "以儿童为诉求对象", "en": "Appeals to children"},
        fix={"zh": "删去面向儿童的话。", "en": "Remove what speaks to children."},
        pattern=_any(
            r"(?:宝宝|宝贝|小朋友|孩子|儿童|娃娃?)(?:们)?(?:也|都|最|更|特别|超)?(?:爱吃|喜欢|喜爱|说|抢着|乐意|点赞|最爱)|(?:水果|糖果|巧克力|草莓)(?:口味|味道?)[，,]?(?:孩子|宝宝|儿童|小朋友)",
            r"(?:妈妈|爸爸|奶奶)[，,！!]我(?:要|爱|也)|小朋友们|卡通(?:包装|造型)[^。]{0,6}(?:喜|爱)",
        ),
        samr=("YP14", "YP35"),
    ),
    LintRule(
        id="MEDICAL_SERVICE",
        severity=MUST,
        sources=(_source(MONITORING, "YP17、YP36", "V-S"),),
        title={"zh": "医疗服务或单独的咨询热线", "en": "Medical service or bare hotline"},
        fix={
            "zh": "删去门诊、义诊、热线；企业联系方式写在企业名称之后。",
            "en": "Remove clinics and hotlines; contact data follows the company's name.",
        },
        pattern=_any(
            r"(?:咨询|健康|服务|订购|免费|治疗|专家|客服|预约)(?:热线|专线)|(?:咨询|订购|健康)电话|400[-—]?\d{3}[-—]?\d{4}|特约门诊|专家门诊|义诊|坐诊|预约挂号|免费(?:检查|体检|测血糖|测血压|筛查)|网上问诊|(?:开设|设立)[一-龥]{2,10}门诊",
        ),
        unless=_any(
            r"专家门诊(?:患者|病历|随访|数据|就诊)|不良反应[^。]{0,10}(?:电话|热线)|药物警戒[^。]{0,10}(?:电话|热线)"
        ),
        samr=("YP17", "YP36"),
    ),
    LintRule(
        id="SEXUAL",
        severity=MUST,
        sources=(_source(MONITORING, "YP20、YP21", "V-S"),),
        title={"zh": "改善和增强性功能", "en": "Sexual enhancement"},
        fix={
            "zh": "须与批准的适应症完全一致，否则删去。",
            "en": "Must be word for word the approved indication, else remove.",
        },
        pattern=_any(
            r"壮阳|(?:增强|提高|提升|改善)性(?:功能|能力|生活|福|欲)|金枪|延时(?:持久)?|性福|重振雄风|男人雄风|夫妻生活(?:更)?(?:和谐|美满)"
        ),
        unless=_any(r"延时(?:服务|反应|相|摄影|成像)"),
        samr=("YP20", "YP21"),
    ),
    LintRule(
        id="BEFORE_AFTER",
        severity=MUST,
        sources=(_source(POLICY, "", "M"),),
        title={"zh": "治疗前后对比", "en": "Before-and-after picture"},
        fix={"zh": "改用研究数据图，注 N 与来源。", "en": "Use a figure from the study with N and source."},
        pattern=_any(
            r"(?:治疗|使用|服用|用药|疗程)?前后(?:的)?(?:对比|效果对比|照片|图片|对照)(?:图|照|照片|图片|明显|惊人|一目了然)?|(?:治疗|使用|服用|用药)前[：:][^。\n]{0,30}(?:治疗|使用|服用|用药)后[：:]|before[- ](?:and|&)[- ]after (?:photos?|pictures?)",
        ),
        unless=_any(
            r"前后(?:对比|对照)(?:研究|试验|设计|分析|检验)|自身前后对照|治疗前后(?:的)?(?:对比|对照)(?:研究|分析|差异|HbA1c|指标|数据)"
        ),
    ),
    LintRule(
        id="PRESCRIPTION_COUNTS",
        severity=MUST,
        sources=(_source(REP_MEASURE, "不得统计处方数量", "V-S"),),
        title={"zh": "统方：医生或科室的处方、用量", "en": "Prescription counts of doctors or departments"},
        fix={
            "zh": "删去。任何资料和记录都不得出现。",
            "en": "Remove it. It may stand in no material and no record.",
        },
        pattern=_any(
            r"(?:主任|医生|教授|大夫|老师|科室)(?:们|各位)?[^。；\n]{0,8}(?:多(?:支持|用|开|处方|关照)|支持(?:一下)?(?:处方|开方|本品))|(?:科|科室|病区|医院|医生|主任)[^。；\n]{0,8}(?:月|季度|周|年|日)?(?:份)?(?:用量|处方|消耗|开具|开出)[^。；\n]{0,3}\d+\s*(?:盒|支|瓶|张|片|例|人次)|(?:新增|增加|提升|拉升|净增)(?:处方|用量|开方|病人数)(?:目标)?\s*\d",
            r"(?:科室|医生|医师|主任|医院|病区|教授|大夫)[^。；\n]{0,10}(?:处方|开方|开药|进药|用量)(?:目标|任务|指标|计划|数据|排行|达成|增长)|多开(?:几?[盒支张瓶]|些|点|本品|\s*\d)|(?:让|请|拜托|推动|促使|要求)[^。；\n]{0,8}(?:主任|医生|教授|科室|大夫)[^。；\n]{0,6}(?:多开|多用|开方|多处方)|(?:每|单)(?:位|个|名)?(?:医生|科室)(?:平均)?[^。；\n]{0,4}(?:开了?|处方了?)\s*\d+",
            r"统方|(?:处方|开方|开药|用药|用量|进药|药品使用)(?:数?量|支数|盒数|排名|统计|潜力|金额|明细|数据)(?!说明|与用法|调整|：)",
            r"(?:医生|医师|主任|科室|病区|医院|每月|月|月均|单月|季度|周)(?:的)?(?:处方|用量|开药|开单|用药)(?:数|量|\d+|额|达|超过)|上量|(?:多|增加|提高|拉动|带动)(?:开方|处方量?|开药|用量)(?!时|后|至|者)",
        ),
        unless=_any(
            r"(?:最大|推荐|每日|日|单次|起始|维持|减少|增加|常用|总|儿童|成人|小儿)用?量|增加用量(?:至|时|后|到)|月经|(?:处方|用药)数据库|处方(?:集|药)",
            r"用药(?:说明|指导|依从|史|错误|过量)|合并用药(?:情况|数量)|用量(?:与|及|为|：|:)",
        ),
        ignores_negation=False,
    ),
    LintRule(
        id="SALES",
        severity=MUST,
        sources=(_source(REP_MEASURE, "不得承担药品销售任务", "V-S"),),
        title={"zh": "销售任务、回款、压货", "en": "Sales quota, collection, stock"},
        fix={"zh": "删去。学术资料不谈销售。", "en": "Remove it. Academic material does not speak of sales."},
        pattern=_any(
            r"带量任务|(?:科室|医院|个人|本[周月季年]|团队|区域)[^。；\n]{0,6}(?:任务(?:量)?(?:完成|达成|指标)|KPI|达成率|增量)",
            r"(?:市场份额|市占率)(?:第一|领先|突破|提升|高达|稳居)|(?:医院|终端)(?:开发|准入|覆盖)(?:任务|指标|目标)|(?:完成|达成|冲刺)[^。；\n]{0,6}(?:指标|销量|任务(?!书)|业绩)|(?:加大|抓紧|尽快)(?:进货|备货|采购|囤货)|客情",
            r"回款|任务量|(?:销售|销量|业绩)(?:指标|任务|目标|额|冲刺|达成|增长|排名|冠军|之?王)|压货|铺货|冲量|进货奖励|挂金|带金|(?:畅销|热销|爆款|销量|热卖)(?:[一-龥]{0,8})?(?:全国|全球|海外|[千万亿]|领先|第一|多年|\d+)|票据(?:返还|报销)",
        ),
    ),
    LintRule(
        id="PATIENT_IDENTITY",
        severity=MUST,
        sources=(_source("个人信息保护法 (2021)", "第28条、第29条"),),
        title={"zh": "可识别患者身份的信息", "en": "Patient can be identified"},
        fix={
            "zh": "删去姓名、号码；病例只写年龄段、性别和病情。",
            "en": "Remove name and numbers; give age band, sex and findings only.",
        },
        pattern=_any(
            r"(?:病历号|住院号|门诊号|身份证号?|医保卡?号|就诊卡号|联系电话|手机号?)[：:为是]?\s*[A-Za-z]?\d{4,}",
            r"患者(?:姓名)?[：:]?\s*[张王李赵刘陈杨黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤][一-龥]{1,2}(?=[，,、（(]|男|女|住院|\d)",
            r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)",
        ),
        ignores_negation=True,
    ),
    LintRule(
        id="BUY_LINK",
        severity=MUST,
        sources=(_source("互联网广告管理办法 (2023)", "第6条、第8条", "V-S"),),
        title={"zh": "购买链接或商家信息", "en": "Purchase link or seller data"},
        fix={"zh": "删去购药信息。", "en": "Remove purchase information."},
        pattern=_any(
            r"(?:点击|扫码|立即|在线|网上)?(?:购买|下单|订购|选购|抢购)(?:链接|入口|二维码|即可|咨询|热线|请|享)|(?:点击|扫码|立即|网上|在线)(?:购买|下单|订购|购药|抢购|领取)|(?:天猫|京东|淘宝|拼多多|抖音|旗舰店|网上商城|大药房)(?:[一-龥]{0,4})?(?:有售|购买|下单|搜索|热销)|旗舰店",
        ),
        samr=("YP3",),
    ),
    LintRule(
        id="LINK",
        severity=SHOULD,
        sources=(_source("三类广告审查管理办法征求意见稿 (2026)", "链接与二维码内容", "V-S"),),
        title={
            "zh": "链接或二维码：所指内容须一并审核",
            "en": "Link or QR code: its target is reviewed as well",
        },
        fix={
            "zh": "把链接内容作为附件送审，并定期核对。",
            "en": "Submit the target with the material and check it regularly.",
        },
        pattern=_any(r"https?://[^\s，。；）)]+|扫(?:描)?(?:一扫)?(?:下方)?(?:二维)?码|长按识别"),
        unless=_any(
            r"https?://(?:dx\.)?doi\.org/|https?://(?:www\.)?(?:ncbi\.nlm\.nih\.gov|pubmed)|clinicaltrials\.gov"
        ),
    ),
)

NUMBER_WITHOUT_SOURCE = LintRule(
    id="NUMBER_WITHOUT_SOURCE",
    severity=MUST,
    sources=(_source(AD_LAW, "第11条第2款"), _source(RDPAC, "第5条、第6条", "V-S")),
    title={"zh": "数据未注明出处", "en": "Figure without source"},
    fix={"zh": "在数据旁注明文献编号或来源。", "en": "Put the reference number or source beside the figure."},
)
NUMBER_WITHOUT_N = LintRule(
    id="NUMBER_WITHOUT_N",
    severity=SHOULD,
    sources=(_source(AD_LAW, "第11条第2款"),),
    title={"zh": "数据未写样本量（N）", "en": "Figure without sample size (N)"},
    fix={"zh": "补写 N。", "en": "Add N."},
)
OFF_LABEL_DISEASE = LintRule(
    id="OFF_LABEL_DISEASE",
    severity=MUST,
    sources=(_source(DRUG_LAW, "第90条第1款"), _source(AD_LAW, "第16条第2款")),
    title={"zh": "说明书适应症以外的疾病或人群", "en": "Disease or population outside the label"},
    fix={"zh": "改为说明书【适应症】的表述。", "en": "Use the wording of the label's indications."},
    samr=("YP6", "YP20"),
)
OFF_LABEL_UNSURE = LintRule(
    id="OFF_LABEL_UNSURE",
    severity=SHOULD,
    sources=(_source(DRUG_LAW, "第90条第1款"),),
    title={"zh": "不能确定是否在说明书适应症内", "en": "Cannot tell whether this is on label"},
    fix={"zh": "请医学审核对照说明书。", "en": "Medical review compares it with the label."},
    samr=("YP6",),
)
BRAND_EVENT = LintRule(
    id="BRAND_EVENT",
    severity=MUST,
    sources=(
        _source("三类广告审查管理暂行办法 (2020)", "处方药名称冠名", "V-S"),
        _source(MONITORING, "YP15", "V-S"),
    ),
    title={"zh": "以处方药名称冠名活动", "en": "Event named after a prescription medicine"},
    fix={"zh": "以疾病或学科命名。", "en": "Name it after the disease or discipline."},
    samr=("YP15",),
)
PRODUCT_IN_EDUCATION = LintRule(
    id="PRODUCT_IN_EDUCATION",
    severity=MUST,
    sources=(_source(AD_LAW, "第19条"),),
    title={"zh": "患教或健康知识中出现药品", "en": "Medicine named in patient or health education"},
    fix={
        "zh": "删去商品名和通用名，只讲疾病。",
        "en": "Remove brand and generic names; speak of the disease only.",
    },
    samr=("YP12",),
)
OTC_JARGON = LintRule(
    id="OTC_JARGON",
    severity=MUST,
    sources=(_source(MONITORING, "YP27", "V-S"),),
    title={"zh": "面向公众的非处方药资料用了难懂的术语", "en": "Terms the public cannot understand"},
    fix={"zh": "改为公众能懂的话。", "en": "Use words the public understands."},
    pattern=_any(
        r"药代动力学|药效学|受体(?:拮抗|激动)|靶点|\bAUC\b|\bCmax\b|半衰期|生物利用度|\bIC50\b|细胞色素|CYP\d|HbA1c|随机双盲|置信区间|双盲|P\s*[<＜]\s*0\.0"
    ),
    samr=("YP27",),
)

DOCUMENT: tuple[LintRule, ...] = (
    LintRule(
        id="NOTICE_MISSING",
        severity=MUST,
        sources=(_source(AD_LAW, "第16条第2款"),),
        title={"zh": "缺少忠告语", "en": "Notice missing"},
        fix={
            "zh": "处方药加“本资料仅供医学药学专业人士阅读”，非处方药加“请按药品说明书或者在药师指导下购买和使用”。",
            "en": "Add “仅供医学药学专业人士阅读” (prescription) or “请按药品说明书或者在药师指导下购买和使用” (OTC).",
        },
        samr=("YP5", "YP16"),
    ),
    LintRule(
        id="NOTICE_TOO_SMALL",
        severity=MUST,
        sources=(_source(AD_LAW, "第16条第2款"), _source(MONITORING, "YP37", "V-S")),
        title={"zh": "忠告语字体过小，不易辨认", "en": "Notice too small to read"},
        fix={"zh": "放大到正文字号的一半以上。", "en": "Set it at no less than half the body size."},
        samr=("YP37",),
    ),
    LintRule(
        id="WARNINGS_MISSING",
        severity=MUST,
        sources=(_source(AD_LAW, "第16条第2款"), _source(RDPAC, "第5条", "V-S")),
        title={"zh": "未显著标明禁忌、不良反应", "en": "Contraindications or adverse reactions missing"},
        fix={
            "zh": "加入说明书【禁忌】【不良反应】摘要。",
            "en": "Add the label's contraindications and adverse reactions.",
        },
        samr=("YP4",),
    ),
    LintRule(
        id="SUMMARY_MISSING",
        severity=MUST,
        sources=(_source(RDPAC, "第5.1条", "V-S"),),
        title={
            "zh": "缺少处方信息摘要（适应症、用法用量）",
            "en": "Abbreviated prescribing information missing",
        },
        fix={
            "zh": "加入说明书【适应症】【用法用量】摘要。",
            "en": "Add indications and dosage from the label.",
        },
        samr=("YP6",),
    ),
    LintRule(
        id="GENERIC_MISSING",
        severity=MUST,
        sources=(_source(RDPAC, "第5.1条", "V-S"), _source(MONITORING, "YP16、YP19", "V-S")),
        title={
            "zh": "未标明通用名，以商品名或商标代替",
            "en": "Generic name missing; brand or trade mark stands for it",
        },
        fix={"zh": "在商品名旁写通用名。", "en": "Put the generic name beside the brand."},
        samr=("YP16", "YP19"),
    ),
    LintRule(
        id="COMPANY_MISSING",
        severity=MUST,
        sources=(_source(RDPAC, "第2条、第5.1条", "V-S"), _source(MONITORING, "YP17", "V-S")),
        title={
            "zh": "未标明企业名称和地址（资料由谁提供）",
            "en": "Company name and address (sponsor) missing",
        },
        fix={"zh": "加入上市许可持有人名称与地址。", "en": "Add the holder's name and address."},
        samr=("YP17",),
    ),
    LintRule(
        id="DATE_MISSING",
        severity=MUST,
        sources=(_source(RDPAC, "第5.1条", "V-S"),),
        title={"zh": "未写资料制作日期", "en": "Date of production missing"},
        fix={"zh": "写“资料制作日期：年 月”。", "en": "Add the date of production."},
    ),
    LintRule(
        id="APPROVAL_MISSING",
        severity=MUST,
        sources=(_source(AD_LAW, "第46条"), _source(DRUG_LAW, "第89条")),
        title={
            "zh": "广告缺少广告批准文号或药品批准文号",
            "en": "Advertisement without its approval numbers",
        },
        fix={
            "zh": "先取得广告批准文号，并写明国药准字号。",
            "en": "Obtain the advertising approval number and show 国药准字.",
        },
        samr=("YP13", "YP16"),
    ),
    LintRule(
        id="OTC_MARK_MISSING",
        severity=MUST,
        sources=(_source(MONITORING, "YP18", "V-S"),),
        title={"zh": "非处方药未标明 OTC 标识", "en": "OTC mark missing"},
        fix={"zh": "加入 OTC 标识。", "en": "Add the OTC mark."},
        samr=("YP18",),
    ),
    LintRule(
        id="CONTROLLED",
        severity=MUST,
        sources=(_source(AD_LAW, "第15条第1款"),),
        title={"zh": "特殊管理药品不得作广告", "en": "Controlled medicine may not be advertised"},
        fix={"zh": "不得制作推广资料。", "en": "No promotional material may be made."},
        samr=("YP2",),
    ),
    LintRule(
        id="OPEN_CHANNEL",
        severity=MUST,
        sources=(_source(AD_LAW, "第15条第2款"), _source(AD_LAW, "第40条第1款")),
        title={"zh": "处方药用于公众渠道", "en": "Prescription medicine on a public channel"},
        fix={
            "zh": "只用于已核实的专业人士渠道或指定医学药学期刊。",
            "en": "Keep to verified professionals or designated journals.",
        },
        samr=("YP3", "YP12", "YP14", "YP21"),
    ),
)

ALL_RULES: tuple[LintRule, ...] = (
    *LEXICAL,
    NUMBER_WITHOUT_SOURCE,
    NUMBER_WITHOUT_N,
    OFF_LABEL_DISEASE,
    OFF_LABEL_UNSURE,
    BRAND_EVENT,
    PRODUCT_IN_EDUCATION,
    OTC_JARGON,
    *DOCUMENT,
)
NUMBERS: dict[str, str] = {
    "ABSOLUTE": "AD-17",
    "EFFICACY_GUARANTEE": "AD-07",
    "SAFETY_GUARANTEE": "AD-07",
    "RATE": "AD-07",
    "COMPARISON": "AD-07",
    "ENDORSEMENT": "AD-08",
    "GUIDELINE_WITHOUT_SOURCE": "AD-18",
    "DISPARAGEMENT": "AD-20",
    "OFF_LABEL_WORDS": "AD-09",
    "OFF_LABEL_DISEASE": "AD-09",
    "OFF_LABEL_UNSURE": "AD-09",
    "NUMBER_WITHOUT_SOURCE": "AD-18",
    "NUMBER_WITHOUT_N": "AD-18",
    "GIFT": "RD-03",
    "PRESCRIPTION_COUNTS": "MR-11",
    "SALES": "MR-10",
    "PATIENT_IDENTITY": "PI-04",
    "BUY_LINK": "AD-05",
    "LINK": "AD-16",
    "BRAND_EVENT": "AD-14",
    "PRODUCT_IN_EDUCATION": "AD-21",
    "NOTICE_MISSING": "AD-11",
    "NOTICE_TOO_SMALL": "AD-11",
    "WARNINGS_MISSING": "AD-11",
    "SUMMARY_MISSING": "RD-18",
    "GENERIC_MISSING": "RD-18",
    "COMPANY_MISSING": "RD-16",
    "DATE_MISSING": "RD-18",
    "APPROVAL_MISSING": "AD-12",
    "CONTROLLED": "AD-01",
    "OPEN_CHANNEL": "AD-02",
}
"""The rule of the rule book a finding belongs to, where one stands; others are named by their monitoring code."""

RULES: dict[str, LintRule] = {rule.id: rule for rule in ALL_RULES}
