"""What the playbooks room refuses."""

from __future__ import annotations

from csplatform.exceptions import DomainError, InvalidInput


class RunIsOver(DomainError):
    code = "run_is_over"
    message = "This run is over."


class RunNotPaused(DomainError):
    code = "run_not_paused"
    message = "This run is not paused."


class RunAlreadyPaused(DomainError):
    code = "run_already_paused"
    message = "This run is paused already."


class StepAlreadySettled(DomainError):
    code = "step_already_settled"
    message = "This step is done or left out already."


class OutcomeNeedsAnEnd(DomainError):
    code = "outcome_needs_an_end"
    message = "A cancelled run has no outcome."


class PlaybookHasNoSteps(DomainError):
    code = "playbook_has_no_steps"
    message = "This playbook has no steps yet, so there is nothing to start."


class InvalidRun(InvalidInput):
    """A field of a run does not validate."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class InvalidPlaybook(InvalidInput):
    """A field of a playbook or of a step does not validate."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class BuiltInPlaybookStays(DomainError):
    code = "built_in_playbook_stays"
    message = "A built-in playbook can be changed, but not deleted: published clients know it."


class NothingToRestore(DomainError):
    code = "nothing_to_restore"
    message = "Only a built-in playbook can be brought back to how it ships."


class PlaybookChangedMeanwhile(DomainError):
    code = "playbook_changed_meanwhile"
    message = "Somebody else changed this playbook after you opened it. Look at it again, then repeat your change."


class InvalidRule(InvalidInput):
    """A field of an automation rule does not validate."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}", errors={field: [sentence]})


class RuleCannotAct(DomainError):
    code = "rule_cannot_act"
    message = "The playbook that this rule starts is gone. Choose another one first."


class PlaybookIsUsed(DomainError):
    code = "playbook_is_used"
    message = "An automation rule starts this playbook. Change the rule first."
