"""Shapes of content over REST: what is read, and what a verb takes. No writable model serializers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from compliance.selectors.signatures import stamps_of
from content.choices import ClaimStatus, MaterialKind, MaterialStatus, SeatDecision, SeatRole
from content.models import Claim, MaterialVersion, Product
from pharmacrm.common.api import StampSerializer


class ProductSerializer(serializers.ModelSerializer[Product]):
    class Meta:
        model = Product
        fields = (
            "id",
            "code",
            "name_zh",
            "name_en",
            "generic_name",
            "brand",
            "approval_number",
            "holder",
            "is_prescription",
            "controlled_class",
            "stage",
        )
        read_only_fields = fields


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    product = serializers.CharField(source="product.code", read_only=True)
    grounds = serializers.IntegerField(read_only=True)

    class Meta:
        model = Claim
        fields = ("id", "code", "product", "text_zh", "text_en", "topics", "status", "grounds", "approved_at")
        read_only_fields = fields


class MaterialVersionSerializer(serializers.ModelSerializer[MaterialVersion]):
    code = serializers.CharField(source="material.code", read_only=True)
    title_zh = serializers.CharField(source="material.title_zh", read_only=True)
    title_en = serializers.CharField(source="material.title_en", read_only=True)
    kind = serializers.CharField(source="material.kind", read_only=True)
    purpose = serializers.CharField(source="material.purpose", read_only=True)
    products = serializers.SerializerMethodField()
    audience = serializers.SerializerMethodField()

    class Meta:
        model = MaterialVersion
        fields = (
            "id",
            "code",
            "version",
            "title_zh",
            "title_en",
            "kind",
            "purpose",
            "status",
            "products",
            "audience",
            "approval_number",
            "released_at",
            "expires_on",
        )
        read_only_fields = fields

    def get_products(self, version: MaterialVersion) -> list[str]:
        return [use.product.code for use in version.material.product_uses.all()]

    def get_audience(self, version: MaterialVersion) -> dict[str, list[str]]:
        material = version.material
        return {
            "tiers": material.tiers,
            "roles": material.roles,
            "departments": material.departments,
            "hospital_levels": material.hospital_levels,
            "channels": material.channels,
        }


class SignedMaterialVersionSerializer(MaterialVersionSerializer):
    """One version with the signatures under it."""

    signatures = serializers.SerializerMethodField()

    class Meta(MaterialVersionSerializer.Meta):
        fields = (*MaterialVersionSerializer.Meta.fields, "signatures")
        read_only_fields = fields

    @extend_schema_field(StampSerializer(many=True))
    def get_signatures(self, version: MaterialVersion) -> Any:
        return StampSerializer(stamps_of(f"material_version:{version.pk}"), many=True).data


class MaterialQuery(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=MaterialStatus, required=False)
    kind = serializers.ChoiceField(choices=MaterialKind, required=False)
    product = serializers.CharField(max_length=32, required=False)
    q = serializers.CharField(max_length=100, required=False)


class ClaimQuery(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=ClaimStatus, required=False)
    product = serializers.CharField(max_length=32, required=False)
    q = serializers.CharField(max_length=100, required=False)


class DecisionSerializer(serializers.Serializer[Any]):
    """A signed decision. The proof is what the person enters again; it is never stored."""

    role = serializers.ChoiceField(choices=SeatRole)
    decision = serializers.ChoiceField(
        choices=[one for one in SeatDecision.choices if one[0] not in ("waiting", "void")]
    )
    file_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")
    reason = serializers.CharField(required=False, allow_blank=True, default="")
    password = serializers.CharField(write_only=True, trim_whitespace=False)
    code = serializers.CharField(write_only=True, required=False, allow_blank=True, default="")


class ReleaseSerializer(serializers.Serializer[Any]):
    expires_on = serializers.DateField()
    ad_approval_number = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)
