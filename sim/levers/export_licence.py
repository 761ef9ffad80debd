"""Export licence: goods in scope leave only for end users whose application has been approved.

Every end user applies for itself. A case waits for a reviewer, is reviewed, and is then approved, sent
back or refused; the user's orders wait at the border until it has a licence.

Limits: the order of the first applications and the outcome of each case are one draw, set by the
seed. The office treats all countries alike, and nobody orders more because licences are slow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator

from sim.channels import Effect, Passage, Verdict, Where
from sim.lever import (
    AtLeastADay,
    Buyers,
    Caution,
    ExportRestriction,
    Forms,
    PackRows,
    PerEach,
    Reach,
    Share,
    StrictModel,
    WorkingOrCalendarDays,
    at,
    buyer_words,
    buyers_at,
    fault,
    listed,
    percent,
    world_of,
)
from sim.problems import list_names, quote
from sim.quantities import plain_number
from sim.world.world import Row, World


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """How an application is treated. Durations are calendar days unless `working_days`."""

    reviewers: int | None
    """None: no queue, every case takes the review time (`office: clock`)."""
    cases_per_reviewer_week: float
    review_days: float
    working_days: bool
    approve: float
    return_: float
    refuse: float
    reapply_days: float
    validity_days: float
    renewal_holds: bool
    renewal_review_factor: float
    military_refused: bool
    general_licence: frozenset[str]
    """Buyers (places) that pass without a case."""
    general_validity_days: float = 365.0


class Reviewers(StrictModel):
    """An office in which cases wait for somebody to review them."""

    reviewers: int = Field(ge=1, le=100_000, examples=[12])
    """Persons who review cases."""
    cases_per_week: PerEach
    """Cases that one reviewer closes in a week."""


def _office(written: object, info: ValidationInfo) -> object:
    if written == "clock" or isinstance(written, Reviewers):
        return written
    if isinstance(written, dict):
        return Reviewers.model_validate(written, context=info.context)
    raise fault(
        f"{quote(written)} is not an office",
        "`clock`, or {reviewers: 12, cases_per_week: 2 each}",
    )


class ExportLicence(ExportRestriction):
    """What people write under `kind: export_licence`; None stands for the pack's own default."""

    agent = "sim.agents.licence_desk"
    left_out = (
        "The order in which first applications for a licence arrive, and the outcome of each case, are one "
        "draw. Which sector of a region is hit first should be read with that in mind."
    )
    pack_rows = PackRows(
        "licence_office",
        {
            "reviewers": "office",
            "cases_per_week": "office",
            "review_calendar_days": "review",
            "approve": "approve",
            "return": "return_",
            "refuse": "refuse",
            "reapply_days": "",
            "validity_days": "validity",
            "renewal_review_factor": "",
            "military": "military",
        },
    )

    kind: Literal["export_licence"]
    office: Annotated[Literal["clock"] | Reviewers | None, BeforeValidator(_office)] = Field(
        default=None, examples=[{"reviewers": 12, "cases_per_week": "2 each"}, "clock"]
    )
    """Reviewers with a queue, or `clock`: every case takes the review time and none waits; left out:
    the pack's reviewers."""
    review: WorkingOrCalendarDays | None = Field(default=None, examples=["45 working days", "60 d"])
    """Time from the start of the review to the decision; left out: the pack's."""
    approve: Share | None = Field(default=None, examples=["80 %"])
    """Share of civil cases that are approved; given together with `return` and `refuse`, which make
    100 % with it. Left out: the pack's."""
    return_: Share | None = Field(default=None, alias="return", examples=["15 %"])
    """Share of civil cases sent back; they apply again at once."""
    refuse: Share | None = Field(default=None, validate_default=True, examples=["5 %"])
    """Share of civil cases refused; they may apply again later."""
    validity: AtLeastADay | None = Field(default=None, examples=["180 d"])
    """How long an approval covers its user's orders; left out: the pack's."""
    renewal: Literal["holds", "lapses"] | None = None
    """Whether the old licence covers while a renewal filed in time is pending; left out: it holds."""
    military: Literal["refuse", "as civil"] | None = None
    """How military end users are treated; left out: as in the pack."""
    general_licence: Buyers = ()
    """Buyers that pass without a case: sites, end uses, or a region or country for all buyers there (of a
    country that is but part of a region, its sites); left out: none. A general licence lasts a year; its
    buyers apply when it has ended."""

    @field_validator("forms")
    @classmethod
    def _forms_can_be_licensed(cls, forms: Forms, info: ValidationInfo) -> Forms:
        world = world_of(info)
        licensed = [form.id for form in world.forms if form.licence_group] if world else forms
        wrong = [
            at((index,), fault(f"the pack has no licences for `{form}`", list_names(licensed)))
            for index, form in enumerate(forms)
            if form not in licensed
        ]
        if wrong:
            raise ValidationError.from_exception_data("forms", wrong)
        return forms

    @field_validator("refuse")
    @classmethod
    def _outcomes_add_up(cls, refuse: float | None, info: ValidationInfo) -> float | None:
        if not {"approve", "return_"} <= info.data.keys():
            return refuse
        shares = (info.data["approve"], info.data["return_"], refuse)
        given = [share for share in shares if share is not None]
        if given and len(given) < len(shares):
            raise fault(
                "`approve`, `return` and `refuse` are given together or not at all",
                "for example approve: 80 %, return: 15 %, refuse: 5 %",
            )
        if given and abs(sum(given) - 1.0) > 1e-9:
            raise fault(
                f"`approve`, `return` and `refuse` add up to {percent(sum(given))}",
                "they must make 100 %",
            )
        return refuse

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """Also general licences for buyers that need none."""
        yield from super().cautions(reach)
        terms = self._terms(reach.world)
        review = self.review.nominal_calendar_days if self.review else terms.review_days
        if terms.validity_days <= review:
            yield Caution(
                ("validity", "review"),
                f"an approval of `{self.id}` is valid for {plain_number(terms.validity_days)} days and a "
                f"review takes {plain_number(review)}, so nobody is covered all the time",
                "check both numbers and their units",
            )
        every = [self, *(self.restated(phase) for phase in self.timeline())]
        wheres = [each.scope(reach.world) for each in every]
        names = dict.fromkeys(name for each in every for name in each.general_licence)
        idle = [
            name
            for name in names
            if not any(
                reach.meets(where, buyer=buyer)
                for buyer in buyers_at(name, reach.world)
                for where in wheres
            )
        ]
        if idle:
            yield Caution(
                ("general_licence", "phases"),
                f"`{self.id}` covers nothing that goes to {listed([quote(name) for name in idle])}, so a "
                "general licence there changes nothing",
                "name buyers abroad of what is in scope",
                needless=tuple(idle),
            )

    def sentence(self, world: World) -> str:
        """The licensing regime in plain words."""
        exporter = world.countries[self.exporter].name
        details = "; ".join(self._setting_words(world))
        details = details[0].upper() + details[1:]
        return (
            f"{exporter} lets {self.scope_words(world)}, go only under licence: "
            f"{self.date_words(world)}. {details}."
        )

    def clauses(self, world: World) -> list[str]:
        """What, where to, and how cases are treated."""
        return [*super().clauses(world), *self._setting_words(world)]

    def _setting_words(self, world: World) -> list[str]:
        defaults = world.licence_office
        review = (
            self.review.in_words() if self.review else f"{plain_number(defaults.review_days)} days"
        )
        validity = defaults.validity_days if self.validity is None else self.validity
        military = self.military or defaults.military
        words = [
            f"a review takes {review}",
            self._office_words(world),
            self._outcome_words(world),
            f"an approval is valid for {plain_number(validity)} days",
            f"a renewal filed in time {'lapses' if self.renewal == 'lapses' else 'holds'}",
            f"military users are {'refused' if military == 'refuse' else 'treated as civil'}",
        ]
        if self.general_licence:
            names = [buyer_words(name, world) for name in self.general_licence]
            words.append(f"general licences, valid for a year, for {listed(names)}")
        return words

    def _office_words(self, world: World) -> str:
        if self.office == "clock":
            return "no case waits for a reviewer"
        given = self.office
        reviewers = given.reviewers if given else world.licence_office.reviewers
        cases = given.cases_per_week if given else world.licence_office.cases_per_week
        return f"{reviewers} reviewers close {plain_number(cases)} cases a week each"

    def _outcome_words(self, world: World) -> str:
        defaults = world.licence_office
        approve = defaults.approve if self.approve is None else self.approve
        return_ = defaults.return_ if self.return_ is None else self.return_
        refuse = defaults.refuse if self.refuse is None else self.refuse
        return (
            f"{percent(approve)} of civil cases are approved, {percent(return_)} returned and "
            f"{percent(refuse)} refused"
        )

    def effects(self, world: World) -> tuple[Effect, ...]:
        """Lots in scope wait for their end user's licence; else the pack's default holds."""
        return (Passage(self.scope(world), Verdict.HOLD, self._terms(world)),)

    def reads(self, row: Row, reach: Reach) -> bool:
        """Also who stands behind a buyer in scope, which forms are licensed, and the calendar of the office."""
        if row.table == "end_users":
            return any(reach.meets(where, buyer=row.key[0]) for where in self.scopes(reach.world))
        if row.table == "holidays":
            calendars = reach.world.holidays
            own = self.exporter if self.exporter in calendars else "*"
            in_force = (self.restated(phase) for phase in self.timeline() if phase.acts)
            return row.key[0] == own and any(
                lever.review is not None and lever.review.working for lever in in_force
            )
        return row.parameter == "licence_group" or super().reads(row, reach)

    def scope(self, world: World) -> Where:
        """What is covered; forms without a licence group are never licensed."""
        forms = self.forms or tuple(form.id for form in world.forms if form.licence_group)
        return replace(super().scope(world), forms=frozenset(forms))

    def _terms(self, world: World) -> LicenceTerms:
        pack = world.licence_office
        office = self.office
        reviewers: int | None = pack.reviewers
        cases = pack.cases_per_week
        if office == "clock":
            reviewers = None
        elif isinstance(office, Reviewers):
            reviewers, cases = office.reviewers, office.cases_per_week
        return LicenceTerms(
            reviewers=reviewers,
            cases_per_reviewer_week=cases,
            review_days=self.review.days if self.review else pack.review_days,
            working_days=self.review.working if self.review else False,
            approve=pack.approve if self.approve is None else self.approve,
            return_=pack.return_ if self.return_ is None else self.return_,
            refuse=pack.refuse if self.refuse is None else self.refuse,
            reapply_days=pack.reapply_days,
            validity_days=pack.validity_days if self.validity is None else self.validity,
            renewal_holds=self.renewal != "lapses",
            renewal_review_factor=pack.renewal_review_factor,
            military_refused=(self.military or pack.military) == "refuse",
            general_licence=frozenset[str]().union(
                *(buyers_at(name, world) for name in self.general_licence)
            ),
        )
