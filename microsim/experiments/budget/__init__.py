"""What a policy saves and costs, and who pays: tables, comparison with published scores, exports."""

from microsim.experiments.budget.attribution import attribute, attribute_over
from microsim.experiments.budget.cases import Case, case_of
from microsim.experiments.budget.checks import check_2024, check_medicaid_2024
from microsim.experiments.budget.export import write_csv, write_workbook
from microsim.experiments.budget.health import health_values
from microsim.experiments.budget.scores import SCORES, Gap, score_table
from microsim.experiments.budget.sheets import Table
from microsim.experiments.budget.tables import budget_tables

__all__ = [
    "SCORES", "Case", "Gap", "Table", "attribute", "attribute_over", "budget_tables",
    "case_of", "check_2024", "check_medicaid_2024", "health_values", "score_table", "write_csv",
    "write_workbook",
]  # fmt: skip
