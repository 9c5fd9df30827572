"""Models with every field type that Django has, and the shapes that its tables take.

Names in mixed case, keys of every kind, a tree, one-to-one, many-to-many, constraints.
"""
import uuid

from django.db import models
from django.db.models import Q


class Kinds(models.Model):
    """Every field type; each may be NULL, so that NULL is among the values."""
    big = models.BigIntegerField(null=True)
    binary = models.BinaryField(null=True)
    boolean = models.BooleanField(null=True)
    char = models.CharField(max_length=40, null=True)
    date = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    decimal = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    duration = models.DurationField(null=True)
    email = models.EmailField(null=True)
    file = models.FileField(null=True)
    file_path = models.FilePathField(null=True)
    floating = models.FloatField(null=True)
    image = models.ImageField(null=True)
    integer = models.IntegerField(null=True)
    address = models.GenericIPAddressField(null=True)
    document = models.JSONField(null=True)
    positive_big = models.PositiveBigIntegerField(null=True)
    positive = models.PositiveIntegerField(null=True)
    positive_small = models.PositiveSmallIntegerField(null=True)
    slug = models.SlugField(null=True)
    small = models.SmallIntegerField(null=True)
    text = models.TextField(null=True)
    time = models.TimeField(null=True)
    url = models.URLField(null=True)
    uuid = models.UUIDField(null=True)
    choice = models.CharField(max_length=1, choices=(("a", "A"), ("b", "B")), null=True)


class Required(models.Model):
    """The same without NULL, for a row of each type as most programs have it."""
    id = models.BigAutoField(primary_key=True)
    made = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    flag = models.BooleanField(default=False)
    length = models.DurationField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    settings = models.JSONField(default=dict)
    empty = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(check=Q(amount__gte=0), name="amount_not_negative")]


class SmallKey(models.Model):
    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=30, unique=True, db_column="fullName")

    class Meta:
        db_table = "Small_Key"


class TextKey(models.Model):
    code = models.CharField(max_length=12, primary_key=True)


class UuidKey(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    partner = models.ForeignKey(TextKey, on_delete=models.PROTECT)


class Node(models.Model):
    """A tree whose rows may refer to later ones."""
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=20, db_index=True)
    tags = models.ManyToManyField(TextKey)
    friends = models.ManyToManyField("self")

    class Meta:
        unique_together = (("parent", "name"),)


class Profile(models.Model):
    node = models.OneToOneField(Node, primary_key=True, on_delete=models.CASCADE)
    born = models.DateField()
    wakes = models.TimeField()
