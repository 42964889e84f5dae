"""Shape of the customer master over REST. Everything here is read-only; changes go through actions."""

from __future__ import annotations

from rest_framework import serializers

from doctors.models import Department, Hospital


class DoctorSerializer(serializers.Serializer):
    """A doctor in a list: names are shown only to those who may see the doctor."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    title = serializers.CharField()
    post = serializers.CharField()
    specialty = serializers.CharField()
    status = serializers.CharField()
    tier = serializers.CharField()
    hospital_id = serializers.UUIDField(allow_null=True)
    hospital = serializers.CharField()
    hospital_level = serializers.CharField()
    department_id = serializers.UUIDField(allow_null=True)
    department = serializers.CharField()
    division_code = serializers.CharField()
    profiling_refused = serializers.BooleanField()


class DoctorPageSerializer(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = DoctorSerializer(many=True)


class HitSerializer(DoctorSerializer):
    why = serializers.CharField()


class ContactSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    masked = serializers.CharField()
    is_preferred = serializers.BooleanField()


class ConsentSerializer(serializers.Serializer):
    channel = serializers.CharField()
    state = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)


class AffiliationSerializer(serializers.Serializer):
    hospital_id = serializers.UUIDField()
    hospital = serializers.CharField()
    department = serializers.CharField()
    is_primary = serializers.BooleanField()
    valid_from = serializers.DateField()


class DoctorDetailSerializer(DoctorSerializer):
    roles = serializers.ListField(child=serializers.CharField())
    affiliations = AffiliationSerializer(many=True)
    contacts = ContactSerializer(many=True)
    consents = ConsentSerializer(many=True)


class HospitalSerializer(serializers.ModelSerializer):
    class Meta:
        model = Hospital
        fields = (
            "id", "code", "name", "level", "kind", "ownership", "status", "beds", "outpatient_volume", "division_id",
            "address", "phone", "parent_id", "longitude", "latitude",
        )  # fmt: skip
        read_only_fields = fields


class DepartmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Department
        fields = ("id", "code", "name", "parent_id", "aliases")
        read_only_fields = fields
