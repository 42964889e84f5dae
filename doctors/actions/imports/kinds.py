"""The columns of each kind, with the headers people use for them in Chinese and English."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pharmacrm import imports
from pharmacrm.imports.faults import register_words
from pharmacrm.imports.registry import Column

from . import cells
from .departments import DepartmentImport
from .divisions import DivisionImport
from .doctors import DoctorImport
from .hospitals import HospitalImport

# people and places are called after faiths
PERSON = re.compile(r"belief: (?:christian|muslim)", re.IGNORECASE)
PLACE = re.compile(r"belief: (?:christian|muslim|catholic|buddhist|天主教|穆斯林)", re.IGNORECASE)

DIVISION = (
    Column("code", _("Division code"), ("行政区划代码", "区划代码", "代码", "编码", "code"), required=True,
           looks_like=re.compile(r"^\d{2}(\d{2}(\d{2})?)?$"), example="330106"),
    Column("name", pgettext_lazy("thing", "Name"), ("名称", "区划名称", "地区", "name"), required=True, example="西湖区", innocent=PLACE),
    Column("successor", _("Code today"), ("现行代码", "变更后代码", "后继代码", "并入代码", "successor", "successor code"),
           example="330105", help=_("for a code that was merged or renamed away")),
)  # fmt: skip
HOSPITAL = (
    Column("code", _("Hospital code"), ("医院编码", "医院代码", "机构编码", "机构代码", "医疗机构代码", "hospital code"),
           example="H00001"),
    Column("name", _("Hospital"), ("医院名称", "医院", "机构名称", "医疗机构名称", "医疗机构", "名称", "单位名称", "单位",
           "hospital", "hospital name", "name"), required=True, looks_like=re.compile(r"(医院|保健院|卫生院|中心)"),
           example="浙江大学医学院附属第一医院", innocent=PLACE),
    Column("alias", _("Other names"), ("别名", "简称", "曾用名", "又名", "alias", "aliases", "short name"), example="浙大一院", innocent=PLACE),
    Column("level", _("Level"), ("等级", "医院等级", "级别", "医院级别", "level", "grade"),
           looks_like=re.compile(r"^(三|二|一)?(级|甲|乙|丙)"), example="三级甲等",
           queue="doctors:level-queue"),
    Column("kind", _("Type"), ("类型", "医院类型", "类别", "机构类别", "type", "hospital type"), example="综合医院"),
    Column("ownership", _("Ownership"), ("所有制", "性质", "经济类型", "办医主体", "ownership"), example="公立"),
    Column("beds", _("Beds"), ("床位数", "床位", "开放床位", "编制床位", "beds"), example="1200"),
    Column("outpatient_volume", _("Out-patient visits a year"), ("年门诊量", "门诊量", "门急诊量", "年门急诊人次",
           "outpatient volume"), example="2300000"),
    Column("division_code", _("Division code"), ("行政区划代码", "区划代码", "division code"), example="330106"),
    Column("province", _("Province"), ("省", "省份", "省市", "province", "state")),
    Column("city", _("City"), ("市", "城市", "地市", "city")),
    Column("county", _("County"), ("区县", "县", "区", "县区", "区/县", "county", "district"), innocent=PLACE),
    Column("address", _("Address"), ("地址", "详细地址", "医院地址", "address"), looks_like=re.compile(r"[路街道号]"), innocent=PLACE),
    Column("phone", _("Phone"), ("电话", "联系电话", "tel", "telephone", "phone"), example="0571-12345678"),
    Column("longitude", _("Longitude"), ("经度", "longitude", "lng", "lon", "longitude_wgs84")),
    Column("latitude", _("Latitude"), ("纬度", "latitude", "lat", "latitude_wgs84")),
    Column("parent", _("Leading hospital"), ("医联体牵头医院", "牵头医院", "上级医院", "总院", "parent hospital"), innocent=PLACE),
)  # fmt: skip
DEPARTMENT = (
    Column("code", _("Department code"), ("科目代码", "科室编码", "诊疗科目代码", "代码", "编码", "code"), required=True, example="03.04"),
    Column("name", _("Department"), ("科目名称", "科室名称", "诊疗科目", "科室", "名称", "name"), required=True, example="心血管内科专业"),
    Column("parent_code", _("Code of the department above"), ("上级代码", "父级代码", "parent_code", "parent"), example="03"),
    Column("aliases", _("Everyday names"), ("别名", "俗称", "常用名", "colloquial_aliases", "aliases"), example="心内科;心血管内科"),
)  # fmt: skip
DOCTOR = (
    Column("code", _("Doctor code"), ("医生编码", "医生代码", "客户编码", "工号", "执业证号", "医师编码", "code", "NPI", "doctor id"), example="D000123"),
    Column("name", _("Name"), ("姓名", "医生姓名", "医生", "医师姓名", "客户姓名", "name", "doctor", "doctor name", "full name"),
           looks_like=re.compile(r"^[\u4e00-\u9fff·]{2,5}$"), example="王晓明", innocent=PERSON),
    Column("last_name", _("Surname"), ("姓", "last name", "surname", "Provider Last Name", "Provider Last Name (Legal Name)", "lst_nm"), innocent=PERSON),
    Column("first_name", _("Given name"), ("名", "first name", "given name", "Provider First Name", "frst_nm"), innocent=PERSON),
    Column("middle_name", _("Middle name"), ("middle name", "Provider Middle Name", "mid_nm"), innocent=PERSON),
    Column("title", pgettext_lazy("physician", "Title"), ("职称", "专业技术职称", "技术职称", "title", "professional title"), looks_like=re.compile("医师|药师|护师|技师"), example="主任医师"),
    Column("post", _("Post"), ("职务", "行政职务", "post", "position"), example="科主任"),
    Column("specialty", _("Specialty"), ("专业", "专长", "亚专业", "专业方向", "specialty", "pri_spec", "primary specialty",
           "Healthcare Provider Taxonomy Code_1", "taxonomy"), example="心律失常"),
    Column("hospital", _("Hospital"), ("医院", "医院名称", "所在医院", "执业机构", "单位", "工作单位", "hospital", "facility"), looks_like=re.compile(r"(医院|保健院|卫生院)"),
           example="浙江大学医学院附属第一医院", innocent=PLACE),
    Column("hospital_code", _("Hospital code"), ("医院编码", "医院代码", "机构编码", "hospital code")),
    Column("department", _("Department"), ("科室", "所在科室", "科室名称", "诊疗科目", "department", "dept"), looks_like=re.compile(r"科$"), example="心内科"),
    Column("mobile", _("Mobile phone"), ("手机", "手机号", "手机号码", "移动电话", "mobile", "cell phone"), looks_like=re.compile(r"^1[3-9]\d{9}$"), is_text=False),
    Column("phone", _("Office phone"), ("电话", "办公电话", "联系电话", "座机", "phone", "telephone"), is_text=False),
    Column("email", _("E-mail"), ("邮箱", "电子邮箱", "邮件", "email", "e-mail"), looks_like=re.compile(r"@"), is_text=False),
    Column("academic_posts", _("Academic posts"), ("学术任职", "学会任职", "社会任职", "academic posts", "society roles"), example="中华医学会心血管病学分会委员"),
    Column("territory", _("Territory"), ("片区", "辖区", "岗位", "territory"), example="HZ-01", innocent=PLACE),
)  # fmt: skip
CONTACTS = {
    "mobile": cells.contact("mobile", "not_a_mobile"),
    "phone": cells.contact("phone", "not_a_phone"),
    "email": cells.contact("email", "not_an_email"),
}


def register_kinds() -> None:
    """Tell the import engine what this app takes in. Called once when Django starts."""
    register_words(cells.WORDS)
    imports.register(
        "hospital",
        HOSPITAL,
        {
            "code": cells.code,
            "name": cells.text(160),
            "alias": cells.names,
            "level": cells.level,
            "kind": cells.text(40),
            "ownership": cells.text(40),
            "beds": cells.whole(0, 20_000),
            "outpatient_volume": cells.whole(0, 50_000_000),
            "division_code": cells.division_code,
            "province": cells.text(40),
            "city": cells.text(40),
            "county": cells.text(40),
            "address": cells.text(200),
            "phone": cells.text(60),
            "longitude": cells.degrees(180),
            "latitude": cells.degrees(90),
            "parent": cells.text(120),
        },
        HospitalImport(),
        title=_("Hospitals"),
    )
    imports.register(
        "department",
        DEPARTMENT,
        {"code": cells.code, "name": cells.text(60), "parent_code": cells.code, "aliases": cells.names},
        DepartmentImport(),
        title=_("Departments"),
    )
    imports.register(
        "division",
        DIVISION,
        {"code": cells.division_code, "name": cells.text(60), "successor": cells.division_code},
        DivisionImport(),
        title=_("Divisions"),
    )
    imports.register(
        "doctor",
        DOCTOR,
        {
            "code": cells.code,
            "name": cells.person_name,
            "last_name": cells.person_name,
            "first_name": cells.person_name,
            "middle_name": cells.person_name,
            "title": cells.title,
            "post": cells.post,
            "specialty": cells.text(80),
            "hospital": cells.text(120),
            "hospital_code": cells.code,
            "department": cells.text(60),
            "academic_posts": cells.text(1000),
            "territory": cells.text(80),
            **CONTACTS,
        },
        DoctorImport(),
        title=_("Doctors"),
    )
