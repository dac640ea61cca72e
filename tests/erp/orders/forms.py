"""What POST /orders/create/ accepts."""

from django import forms

from inventory.models import Product


class OrderForm(forms.Form):
    customer = forms.CharField(max_length=200)
    phone = forms.CharField(max_length=30, required=False)


class OrderItemForm(forms.Form):
    product = forms.ModelChoiceField(Product.objects.all(), required=False)
    description = forms.CharField(max_length=200, required=False)
    quantity = forms.DecimalField(max_digits=10, decimal_places=3, min_value=0)
    unit_price = forms.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, required=False
    )
