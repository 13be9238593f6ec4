"""`check`: every problem of a workflow, before anything is built."""

from argparse import ArgumentParser, Namespace

from pipeline.command.answer import CommandResult
from pipeline.command.files import WORKFLOW, read_workflow
from pipeline.errors.workflow import InvalidWorkflow
from pipeline.formatting import short_words, visible
from pipeline.nodes.schedule_ends import plan_remark
from pipeline.studio import workflows


def options(parser: ArgumentParser) -> None:
    """Add the workflow argument."""
    parser.add_argument("workflow", **WORKFLOW)


def run(arguments: Namespace) -> CommandResult:
    """List every problem of a workflow; with --json in the format of ComfyUI's errors."""
    workflow = read_workflow(arguments.workflow)
    report = workflows.report(workflow)
    found = [remarks.line for remarks in report.remarks.values() if remarks.line]
    warnings = [
        f"Warning: {report.sentence(warning)}" + (f" Mend: {warning.mend.words}" if warning.mend else "")
        for warning in report.warnings
    ]
    if report.ok:
        sentence = f"{workflow.name}: no problems in its {len(workflow.nodes)} nodes."
        note = plan_remark(report)
        text = "\n".join(visible(line) for line in (sentence, note, *found, *warnings) if line)
        return CommandResult(report.as_dict() | ({"notes": [note]} if note else {}), text)
    problems = report.sentences()
    facts = {**report.as_dict(), "error": str(InvalidWorkflow(problems)), "kind": InvalidWorkflow.__name__}
    lines = (*map(short_words, problems), *found, *warnings)
    return CommandResult(facts, "\n".join(map(visible, lines)), InvalidWorkflow.exit_code)
