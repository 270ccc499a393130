"""A batch of a stream held to a contract: only what it promises of rows, each for itself."""

from lab.core.errors import BadInput
from lab.data.quality.contract import Contract
from lab.data.quality.findings import told
from lab.data.quality.rows import bad_pieces
from lab.data.quality.whole import Relation, column_findings


def broken_cells(relation: Relation, contract: Contract) -> list[tuple[int, str, str]]:
    """The cells of a batch that break a promise.

    What a contract promises of a table as a whole, such as how many rows it has or how fresh it
    is, says nothing about one batch of it; a check of the table does.

    Args:
        relation: The rows.
        contract: What they promise.

    Returns:
        Number of the row, column and reason of each.

    Raises:
        BadInput: The columns are not those of a contract that blocks.
    """
    wrong = [one for one in column_findings(relation, contract) if one.verdict == "fail"]
    if wrong:
        raise BadInput(
            f"The table breaks its contract: {told(wrong)}.",
            "Stream into a table with these columns, or change the contract (Check quality).",
        )
    return [
        cell
        for cells in bad_pieces(relation, contract)
        for cell in zip(cells["line"].tolist(), cells["column_name"], cells["reason"], strict=True)
    ]
