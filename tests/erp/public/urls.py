from django.urls import path

from . import views

urlpatterns = [
    path("p/<str:code>/", views.product, name="public_product"),
]
