"""How sales are written down as CSV: one form, for the bundled file and the dirty batch."""

import pandas as pd

COLUMNS = (
    "date", "store", "product", "price", "promotion",
    "holiday", "temperature_c", "rain_mm", "units",
)  # fmt: skip


def sales_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Write each value as it stands in a CSV.

    Args:
        frame: Sales as ``lab.world.trade.sales.shop_sales`` gives them.

    Returns:
        The same shape, all strings: dates YYYY-MM-DD, prices with pence, weather with one
        decimal, booleans true and false.
    """
    text = frame[list(COLUMNS)].astype("str").astype("object")
    text["date"] = frame["date"].dt.strftime("%Y-%m-%d")
    text["price"] = frame["price"].map("{:.2f}".format)
    for column in ("temperature_c", "rain_mm"):
        text[column] = frame[column].map("{:.1f}".format)
    for column in ("promotion", "holiday"):
        text[column] = frame[column].map({True: "true", False: "false"})
    return text


def csv_of(text: pd.DataFrame) -> str:
    """Join written values to CSV text with a header and single newlines.

    Args:
        text: Strings without commas, quotes or newlines.
    """
    rows = [",".join(text.columns)]
    rows += [",".join(row) for row in text.itertuples(index=False)]
    return "\n".join(rows) + "\n"
