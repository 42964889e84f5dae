"""Finding hospitals by the names of a whole batch: never by the trigrams that are kept for search."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doctors.actions.bulk import create_all
from doctors.actions.imports.hospitals import hospitals_by_name
from doctors.models import Hospital, HospitalAlias
from tests.conftest import AT

pytestmark = pytest.mark.django_db
NAMES = [f"第{number}人民医院" for number in range(600)]


def test_names_of_a_batch_are_found_by_name_and_alias_alone_and_without_the_trigrams():
    known = [Hospital(code=f"SZ{place}", name=name) for place, name in enumerate(NAMES)]
    create_all(Hospital, known, by=None, at=AT)
    create_all(HospitalAlias, [HospitalAlias(hospital=known[0], name="一院")], by=None, at=AT)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = hospitals_by_name([*NAMES, "一院", "", "无此医院"])

    assert found["一院"] == [known[0]]
    assert [found[name] for name in NAMES] == [[hospital] for hospital in known]
    assert "无此医院" not in found
    assert len(asked) == 2
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in asked.captured_queries:
            cursor.execute("EXPLAIN " + query["sql"])
            assert "trgm" not in str(cursor.fetchall())
