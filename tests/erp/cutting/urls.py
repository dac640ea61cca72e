from django.urls import path

from . import views

urlpatterns = [
    path("items/", views.open_items, name="open_cutting_items"),
    path("items/<int:pk>/complete/", views.complete, name="complete_cutting_item"),
    path("<int:pk>/", views.report, name="cutting_report"),
    path("<int:pk>/stock/", views.stock, name="cutting_stock"),
    path("<int:pk>/reverse/", views.reverse, name="reverse_cutting"),
    path("warehouses/<int:pk>/", views.warehouse, name="cutting_warehouse"),
]
