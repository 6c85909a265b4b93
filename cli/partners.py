"""What business people write of partners: who stands above whom, and what each sells."""

from cli.entries import Entry, Node
from cli.facts import Brand, Json, present
from functions.catalog.kinds import PROVIDER

ALL = "all"


def partner(brand: Brand, ident: str, entry: Entry) -> Json:
    """A partner: `sells: all`, of what the one above it sells, or the `categories` and `offerings` that it sells."""
    made = {"id": ident, **brand.told(entry, described=False)}
    made["parentId"] = entry.read("parent", lambda node: brand.ref(node, "partners"))
    return present(made | _assortment(brand, entry.need("sells")) | brand.life(entry, version=None))


def _assortment(brand: Brand, node: Node) -> Json:
    if isinstance(node.value, str):
        return {"everything": node.one_of([ALL], "sells") == ALL}
    entry = Entry("what it sells", node)
    made = {
        kind: [{"id": id_} for id_ in sorted({brand.ref(each, section) for each in entry.each(section)})]
        for kind, section in (("category", "categories"), ("productOffering", "offerings"))
    }
    entry.finish()
    return made


def provider(brand: Brand, node: Node) -> list[Json]:
    """The partner whose an offering is."""
    return [{"id": brand.ref(node, "partners"), "role": PROVIDER, "@referredType": "Organization"}]
