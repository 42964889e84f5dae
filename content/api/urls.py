"""Addresses of content over REST."""

from rest_framework.routers import SimpleRouter

from .viewsets import ClaimViewSet, MaterialVersionViewSet, ProductViewSet

app_name = "content-api"

router = SimpleRouter()
router.register("claims", ClaimViewSet, basename="claim")
router.register("materials", MaterialVersionViewSet, basename="material")
router.register("products", ProductViewSet, basename="product")

urlpatterns = router.urls
