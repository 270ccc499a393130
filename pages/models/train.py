"""Train a model: choose a table and a target, watch it learn, see it beside the baseline."""

import streamlit as st

from lab import ui
from lab.flows import training_choices as choices
from lab.flows.training_view import TrainingView, finished_runs, training_view
from lab.plots.models import fold_chart, holdout_chart, importance_chart, scatter_chart

TARGET = "lab.flows.train:train"
CODE = """import lab

ws = lab.open_workspace()
run = lab.drain(lab.train(
    ws, {table!r}, {target!r}, {model!r},
    seed={seed}, folds={folds}, holdout_days={holdout_days}, leave_out={leave_out!r},
))
print(run.mae, run.baseline_mae, run.run_id)"""


def ask(tables: list[str]) -> str:
    """The form; the table is chosen outside of it, since it decides what can be chosen."""
    models = choices.usable_models()
    table = st.selectbox("Table", tables, key="train.table")
    columns = ui.read(choices.training_columns, table)
    with st.form("train.form", border=False):
        target = st.selectbox("Predict", columns.targets, key=f"train.target.{table}")
        model = st.selectbox(
            "Model",
            models,
            index=list(models).index("hist_gradient_boosting"),
            format_func=models.get,
            key="train.model",
        )
        folds = st.slider("Folds", 2, 8, 5, key="train.folds", help=ui.explain("fold"))
        days = st.slider(
            "Holdout (days)", 7, 56, 28, step=7, key="train.days", help=ui.explain("holdout")
        )
        leave_out = st.multiselect(
            "Leave out",
            columns.others,
            key=f"train.leave_out.{table}",
            placeholder="No column",
            help="Columns that are not known when the prediction is made.",
        )
        seed = st.number_input("Seed", 0, 9999, 0, key="train.seed")
        chosen = {
            "table": table,
            "target": target,
            "model": model,
            "seed": int(seed),
            "folds": folds,
            "holdout_days": days,
            "leave_out": leave_out,
        }
        if st.form_submit_button("Train", type="primary", icon=":material/model_training:"):
            ui.start_job(TARGET, label=f"{models[model]} on {table}", **chosen)
    for reason in choices.unusable_models().values():
        st.caption(f":gray[{reason}]")
    with st.expander("Which model?", icon=":material/help:"):
        st.markdown("\n".join(f"- **{t}**: {about}" for t, about in choices.about_models().items()))
    ui.same_in_code(CODE.format(**chosen))
    return model


def judge(view: TrainingView) -> None:
    """The figures that matter, the model beside the baseline."""
    st.subheader(view.sentence, anchor=False)
    ui.verdict(
        view.improvement > 0,
        "Beats the baseline" if view.improvement > 0 else "Does not beat the baseline",
    )
    ui.facts(
        {
            "Mean error": ui.number(view.mae, view.target),
            "Seasonal naive": ui.number(view.baseline_mae, view.target),
            "Error gone": f"{view.improvement:.0%}",
            "Relative error": f"{view.mape:.1%}",
            "Trained in": ui.duration(view.seconds),
        },
        {
            "Mean error": ui.explain("mae"),
            "Seasonal naive": ui.explain("baseline"),
            "Error gone": "The share of the baseline's error that the model takes away.",
            "Relative error": "Mean error in percent of what came, where that is not zero.",
        },
    )


def draw(view: TrainingView) -> None:
    """What was predicted, fold by fold, and why."""
    found = view.details
    holdout, folds, reasons = st.tabs(["Holdout", "Folds", "Features"])
    with holdout:
        picture = holdout_chart(found.predictions, view.time, view.target)
        ui.chart(picture, view.holdout_sentence, found.predictions, key="train.holdout")
        picture = scatter_chart(found.predictions, view.target)
        ui.chart(picture, "One dot for each row; on the line it is exact.", key="train.scatter")
    with folds:
        picture = fold_chart(found.folds, view.target)
        ui.chart(picture, view.fold_sentence, found.folds, key="train.folds.chart")
    with reasons:
        picture = importance_chart(found.importance, view.target)
        ui.chart(picture, view.importance_sentence, found.importance, key="train.importance")


ui.head("Train a model", "Learn from the past in order of time, and prove it beside a baseline.")
tables = ui.read(choices.trainable_tables)
if tables:
    form, result = st.columns([1, 3], gap="medium")
    with form:
        model = ask(tables)
    with result:
        ui.watch_job(TARGET, plot=choices.live_number(model))
        runs = ui.read(finished_runs)
        if runs:
            # Named by how many there are, so that a new run takes the place of the one shown.
            shown = st.selectbox("Run", runs, format_func=runs.get, key=f"train.run.{len(runs)}",
                                 help=ui.explain("run"))  # fmt: skip
            view = ui.read(training_view, shown)
            judge(view)
            draw(view)
            st.page_link(
                "pages/models/registry.py", label="Take it to the gate",
                icon=":material/arrow_forward:",
            )  # fmt: skip
        else:
            st.info("Choose what to predict, then train. Your first model appears here.")
else:
    ui.empty(
        "There is no table to learn from yet. Load the bundled sales or a table of your own.",
        "pages/data/load.py",
        "Load data",
    )
    ui.same_in_code("import lab\n\nprint(lab.drain(lab.train(lab.open_workspace())))")
