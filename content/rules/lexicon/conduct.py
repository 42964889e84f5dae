"""What is done to people: fear, gifts, patients and their names, prescription counts, selling."""

from __future__ import annotations

from .base import AD_LAW, MONITORING, MUST, POLICY, RDPAC, REP_MEASURE, SHOULD, LintRule, any_of, source

CONDUCT: tuple[LintRule, ...] = (
    LintRule(
        id="UNSCIENTIFIC",
        severity=MUST,
        sources=(source(MONITORING, "YP26", "V-S"),),
        title={"zh": "不科学的用语", "en": "Unscientific wording"},
        fix={"zh": "改为说明书或文献的表述。", "en": "Use the wording of label or literature."},
        pattern=any_of(
            r"(?:高|尖端|黑|前沿|领先)科技(?:结晶|成果|含量|产品|配方|制造)?|(?:最新|国际先进|先进|独有|独创|独特|专利|尖端)(?:制法|工艺|技术|配方|秘方|科技)(?:打造|铸就|精制|研制|制成|加持)",
            r"祖传|秘方|宫廷|御用|古方(?:今用|新制)?|量子|负离子|干细胞级|纳米级(?:吸收|渗透)|基因级修复|细胞级修复|排毒(?:养颜)?|溶栓洗血|清血管垃圾",
        ),
        samr=("YP26",),
    ),
    LintRule(
        id="FEAR",
        severity=MUST,
        sources=(source(MONITORING, "YP28", "V-S"),),
        title={"zh": "引起恐惧或暗示不用会加重", "en": "Causes fear, or suggests harm without the product"},
        fix={"zh": "客观写明疾病风险和来源。", "en": "State the risk soberly, with source."},
        pattern=any_of(
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
        sources=(source(MONITORING, "YP29", "V-S"), source(RDPAC, "第7条", "V-S")),
        title={"zh": "赠送、优惠、有奖或利益", "en": "Gift, discount, prize or benefit"},
        fix={"zh": "删去。任何利益都不得与药品相连。", "en": "Remove it. No benefit may go with a medicine."},
        pattern=any_of(
            r"(?:赠阅|附赠|加赠|另送|随药赠|免单|包邮|包退|包换|特惠|大促|秒杀价|优惠(?:活动|价|券|购)|福利(?:放送|派送|大放送))|(?:节|周年庆|双十一|618)(?:特惠|大促|钜惠|优惠|感恩|回馈)",
            r"(?:买|购|订|开)(?:药|盒|满[一二三四五六七八九十\d]+[盒元])?(?:就|即|满)?(?:送|赠|返|减)|(?:奖励|补贴|资助|报销)(?:您|医生|客户)?[^。；\n]{0,6}(?:旅游|机票|住宿|差旅|购物|现金|讲课费|劳务费)|(?:讲课费|劳务费|咨询费|好处费|辛苦费|感谢费|信息费)(?!.{0,8}(?:标准|上限|合规|政策))",
            r"(?:签到|到场|到会|参会|转发|注册|扫码|填写|下载|关注)[^。，；\n]{0,6}?(?:即|就|可|立)?(?:送|领|得|赠|获赠)|(?:送|领取|赠|奖励|兑换)[^。；\n]{0,6}(?:手环|手机|水杯|雨伞|体检卡|月饼|红酒|血糖仪|话费|流量|大米|鸡蛋|门票|机票|旅游)|第二[盒瓶支]半价|半价|会员价",
            r"免费(?:治疗|赠送|赠药|领取|试用|体验|派发|送药)|买[一二三四五六\d]+[盒瓶支]?[送赠]|赠送|(?:好|豪|精美|伴手)?礼(?:品|包|盒|金|遇)|红包|返[点利现]|回扣|提成|佣金",
            r"(?:有奖|抽奖|中奖|兑奖|积分兑换|集赞)|(?:购药|限时|特价|促销|团购|会员)(?:优惠|折扣|立减|特惠|价|活动)|满减|打折|[一二三四五六七八九\d.]+折(?!叠)|优惠券|代金券|购物卡|加油卡|特价",
        ),
        unless=any_of(
            r"(?:慈善|患者)(?:援助|救助)[^。]{0,8}赠药|生存礼|礼貌|(?:不得|禁止|严禁)[^。]{0,12}(?:礼|回扣|红包|赠)",
            r"佣金(?:制度禁止)?(?=被禁止)|骨折|曲折|[一二三]折(?:线|射|返|断|光)",
        ),
        samr=("YP29",),
    ),
    LintRule(
        id="PROMISE",
        severity=MUST,
        sources=(source(MONITORING, "YP31", "V-S"),),
        title={"zh": "退款、承保等保证", "en": "Refund or insurance promised"},
        fix={"zh": "删去。", "en": "Remove it."},
        pattern=any_of(
            r"无效包(?:退|赔|换)|(?:包|保)(?:退|赔)|(?:治不好|没效果|不见效)(?:不要钱|不收费|退)",
            r"(?:无效|不满意|没效果|不好)(?:全额|可|就|即|包|立即)?(?:退款|退货|退钱|免单)|保险公司(?:保险|承保|担保)|(?:签约|协议)治疗|假一[赔罚][十百三]|全额退款|money[- ]back",
        ),
        samr=("YP31",),
    ),
    LintRule(
        id="PUBLIC_AFFAIRS",
        severity=MUST,
        sources=(source(AD_LAW, "第9条第2项"), source(MONITORING, "YP1、YP34", "V-S")),
        title={"zh": "借用公共事件、成就或国家机关", "en": "Borrows public events or state bodies"},
        fix={"zh": "删去与药品无关的公共信息。", "en": "Remove what has nothing to do with the medicine."},
        pattern=any_of(
            r"(?:航天|载人飞船|神舟|嫦娥|登月|火箭|奥运|亚运|世博|进博|两会|国庆|建党|脱贫|一带一路|抗疫|战疫|高铁)[一-龥]{0,8}?(?:科技|指定|合作|品质|专用|成果|精神|英雄|首选|同款|选择|献礼|级|保障用药|助力)",
            r"国家(?:重点|机密|保密|保护|专利)(?:推荐|推广|配方|品种金奖)|献礼(?:国庆|建党|两会)|国务院(?:推荐|指定)|(?:政府|国家)(?:采购)?(?:首选|唯一指定)",
        ),
        samr=("YP1", "YP34"),
    ),
    LintRule(
        id="CHILD_APPEAL",
        severity=MUST,
        sources=(source(AD_LAW, "第40条第1款"), source(MONITORING, "YP14、YP35", "V-S")),
        title={"zh": "以儿童为诉求对象", "en": "Appeals to children"},
        fix={"zh": "删去面向儿童的话。", "en": "Remove what speaks to children."},
        pattern=any_of(
            r"(?:宝宝|宝贝|小朋友|孩子|儿童|娃娃?)(?:们)?(?:也|都|最|更|特别|超)?(?:爱吃|喜欢|喜爱|说|抢着|乐意|点赞|最爱)|(?:水果|糖果|巧克力|草莓)(?:口味|味道?)[，,]?(?:孩子|宝宝|儿童|小朋友)",
            r"(?:妈妈|爸爸|奶奶)[，,！!]我(?:要|爱|也)|小朋友们|卡通(?:包装|造型)[^。]{0,6}(?:喜|爱)",
        ),
        samr=("YP14", "YP35"),
    ),
    LintRule(
        id="MEDICAL_SERVICE",
        severity=MUST,
        sources=(source(MONITORING, "YP17、YP36", "V-S"),),
        title={"zh": "医疗服务或单独的咨询热线", "en": "Medical service or bare hotline"},
        fix={
            "zh": "删去门诊、义诊、热线；企业联系方式写在企业名称之后。",
            "en": "Remove clinics and hotlines; contact data follows the company's name.",
        },
        pattern=any_of(
            r"(?:咨询|健康|服务|订购|免费|治疗|专家|客服|预约)(?:热线|专线)|(?:咨询|订购|健康)电话|400[-—]?\d{3}[-—]?\d{4}|特约门诊|专家门诊|义诊|坐诊|预约挂号|免费(?:检查|体检|测血糖|测血压|筛查)|网上问诊|(?:开设|设立)[一-龥]{2,10}门诊",
        ),
        unless=any_of(
            r"专家门诊(?:患者|病历|随访|数据|就诊)|不良反应[^。]{0,10}(?:电话|热线)|药物警戒[^。]{0,10}(?:电话|热线)"
        ),
        samr=("YP17", "YP36"),
    ),
    LintRule(
        id="SEXUAL",
        severity=MUST,
        sources=(source(MONITORING, "YP20、YP21", "V-S"),),
        title={"zh": "改善和增强性功能", "en": "Sexual enhancement"},
        fix={
            "zh": "须与批准的适应症完全一致，否则删去。",
            "en": "Must be word for word the approved indication, else remove.",
        },
        pattern=any_of(
            r"壮阳|(?:增强|提高|提升|改善)性(?:功能|能力|生活|福|欲)|金枪|延时(?:持久)?|性福|重振雄风|男人雄风|夫妻生活(?:更)?(?:和谐|美满)"
        ),
        unless=any_of(r"延时(?:服务|反应|相|摄影|成像)"),
        samr=("YP20", "YP21"),
    ),
    LintRule(
        id="BEFORE_AFTER",
        severity=MUST,
        sources=(source(POLICY, "", "M"),),
        title={"zh": "治疗前后对比", "en": "Before-and-after picture"},
        fix={"zh": "改用研究数据图，注 N 与来源。", "en": "Use a figure from the study with N and source."},
        pattern=any_of(
            r"(?:治疗|使用|服用|用药|疗程)?前后(?:的)?(?:对比|效果对比|照片|图片|对照)(?:图|照|照片|图片|明显|惊人|一目了然)?|(?:治疗|使用|服用|用药)前[：:][^。\n]{0,30}(?:治疗|使用|服用|用药)后[：:]|before[- ](?:and|&)[- ]after (?:photos?|pictures?)",
        ),
        unless=any_of(
            r"前后(?:对比|对照)(?:研究|试验|设计|分析|检验)|自身前后对照|治疗前后(?:的)?(?:对比|对照)(?:研究|分析|差异|HbA1c|指标|数据)"
        ),
    ),
    LintRule(
        id="PRESCRIPTION_COUNTS",
        severity=MUST,
        sources=(source(REP_MEASURE, "不得统计处方数量", "V-S"),),
        title={"zh": "统方：医生或科室的处方、用量", "en": "Prescription counts of doctors or departments"},
        fix={
            "zh": "删去。任何资料和记录都不得出现。",
            "en": "Remove it. It may stand in no material and no record.",
        },
        pattern=any_of(
            r"(?:主任|医生|教授|大夫|老师|科室)(?:们|各位)?[^。；\n]{0,8}(?:多(?:支持|用|开|处方|关照)|支持(?:一下)?(?:处方|开方|本品))|(?:科|科室|病区|医院|医生|主任)[^。；\n]{0,8}(?:月|季度|周|年|日)?(?:份)?(?:用量|处方|消耗|开具|开出)[^。；\n]{0,3}\d+\s*(?:盒|支|瓶|张|片|例|人次)|(?:新增|增加|提升|拉升|净增)(?:处方|用量|开方|病人数)(?:目标)?\s*\d",
            r"(?:科室|医生|医师|主任|医院|病区|教授|大夫)[^。；\n]{0,10}(?:处方|开方|开药|进药|用量)(?:目标|任务|指标|计划|数据|排行|达成|增长)|多开(?:几?[盒支张瓶]|些|点|本品|\s*\d)|(?:让|请|拜托|推动|促使|要求)[^。；\n]{0,8}(?:主任|医生|教授|科室|大夫)[^。；\n]{0,6}(?:多开|多用|开方|多处方)|(?:每|单)(?:位|个|名)?(?:医生|科室)(?:平均)?[^。；\n]{0,4}(?:开了?|处方了?)\s*\d+",
            r"统方|(?:处方|开方|开药|用药|用量|进药|药品使用)(?:数?量|支数|盒数|排名|统计|潜力|金额|明细|数据)(?!说明|与用法|调整|：)",
            r"(?:医生|医师|主任|科室|病区|医院|每月|月|月均|单月|季度|周)(?:的)?(?:处方|用量|开药|开单|用药)(?:数|量|\d+|额|达|超过)|上量|(?:多|增加|提高|拉动|带动)(?:开方|处方量?|开药|用量)(?!时|后|至|者)",
        ),
        unless=any_of(
            r"(?:最大|推荐|每日|日|单次|起始|维持|减少|增加|常用|总|儿童|成人|小儿)用?量|增加用量(?:至|时|后|到)|月经|(?:处方|用药)数据库|处方(?:集|药)",
            r"用药(?:说明|指导|依从|史|错误|过量)|合并用药(?:情况|数量)|用量(?:与|及|为|：|:)",
        ),
        ignores_negation=False,
    ),
    LintRule(
        id="SALES",
        severity=MUST,
        sources=(source(REP_MEASURE, "不得承担药品销售任务", "V-S"),),
        title={"zh": "销售任务、回款、压货", "en": "Sales quota, collection, stock"},
        fix={"zh": "删去。学术资料不谈销售。", "en": "Remove it. Academic material does not speak of sales."},
        pattern=any_of(
            r"带量任务|(?:科室|医院|个人|本[周月季年]|团队|区域)[^。；\n]{0,6}(?:任务(?:量)?(?:完成|达成|指标)|KPI|达成率|增量)",
            r"(?:市场份额|市占率)(?:第一|领先|突破|提升|高达|稳居)|(?:医院|终端)(?:开发|准入|覆盖)(?:任务|指标|目标)|(?:完成|达成|冲刺)[^。；\n]{0,6}(?:指标|销量|任务(?!书)|业绩)|(?:加大|抓紧|尽快)(?:进货|备货|采购|囤货)|客情",
            r"回款|任务量|(?:销售|销量|业绩)(?:指标|任务|目标|额|冲刺|达成|增长|排名|冠军|之?王)|压货|铺货|冲量|进货奖励|挂金|带金|(?:畅销|热销|爆款|销量|热卖)(?:[一-龥]{0,8})?(?:全国|全球|海外|[千万亿]|领先|第一|多年|\d+)|票据(?:返还|报销)",
        ),
    ),
    LintRule(
        id="PATIENT_IDENTITY",
        severity=MUST,
        sources=(source("个人信息保护法 (2021)", "第28条、第29条"),),
        title={"zh": "可识别患者身份的信息", "en": "Patient can be identified"},
        fix={
            "zh": "删去姓名、号码；病例只写年龄段、性别和病情。",
            "en": "Remove name and numbers; give age band, sex and findings only.",
        },
        pattern=any_of(
            r"(?:病历号|住院号|门诊号|身份证号?|医保卡?号|就诊卡号|联系电话|手机号?)[：:为是]?\s*[A-Za-z]?\d{4,}",
            r"患者(?:姓名)?[：:]?\s*[张王李赵刘陈杨黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤][一-龥]{1,2}(?=[，,、（(]|男|女|住院|\d)",
            r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)",
        ),
        ignores_negation=True,
    ),
    LintRule(
        id="BUY_LINK",
        severity=MUST,
        sources=(source("互联网广告管理办法 (2023)", "第6条、第8条", "V-S"),),
        title={"zh": "购买链接或商家信息", "en": "Purchase link or seller data"},
        fix={"zh": "删去购药信息。", "en": "Remove purchase information."},
        pattern=any_of(
            r"(?:点击|扫码|立即|在线|网上)?(?:购买|下单|订购|选购|抢购)(?:链接|入口|二维码|即可|咨询|热线|请|享)|(?:点击|扫码|立即|网上|在线)(?:购买|下单|订购|购药|抢购|领取)|(?:天猫|京东|淘宝|拼多多|抖音|旗舰店|网上商城|大药房)(?:[一-龥]{0,4})?(?:有售|购买|下单|搜索|热销)|旗舰店",
        ),
        samr=("YP3",),
    ),
    LintRule(
        id="LINK",
        severity=SHOULD,
        sources=(source("三类广告审查管理办法征求意见稿 (2026)", "链接与二维码内容", "V-S"),),
        title={
            "zh": "链接或二维码：所指内容须一并审核",
            "en": "Link or QR code: its target is reviewed as well",
        },
        fix={
            "zh": "把链接内容作为附件送审，并定期核对。",
            "en": "Submit the target with the material and check it regularly.",
        },
        pattern=any_of(r"https?://[^\s，。；）)]+|扫(?:描)?(?:一扫)?(?:下方)?(?:二维)?码|长按识别"),
        unless=any_of(
            r"https?://(?:dx\.)?doi\.org/|https?://(?:www\.)?(?:ncbi\.nlm\.nih\.gov|pubmed)|clinicaltrials\.gov"
        ),
    ),
)
