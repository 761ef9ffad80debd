"""Export licence: goods in scope leave only for end users whose application has been approved.

Every end user applies for itself. A case waits for the office, is reviewed, and is then approved, sent back or
refused; an approval covers a tonnage of what its user plans to buy, and the user's orders wait at the border
until it has a licence with something left.

Limits: when first applications come in, the time of each review and the outcome of each case are one draw,
set by the seed. Nobody orders more because licences are slow, and nobody buys under another's licence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import ceil, inf, isfinite
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic_core import PydanticCustomError

from sim.channels.effects import Effect, Passage, Verdict
from sim.lever import (
    AtLeastADay,
    Buyers,
    Caution,
    Days,
    Destinations,
    ExportRestriction,
    Forms,
    PackRows,
    PerEach,
    Phase,
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
from sim.lever.fields import DURATION
from sim.lever.licence import ARRIVAL, BY_CLASS, LARGE_FIRST, CaseTerms, LicenceTerms, TermsFor
from sim.lever.marks import also, either, one_or_more
from sim.lever.naming import place_name
from sim.rules.behaviour import ROWS_OF_OFFICES
from sim.words.problems import list_names, quote
from sim.words.quantities import DAYS_PER_WEEK, WEEKDAYS_PER_WEEK, Duration, plain_number
from sim.world.numbers import as_number
from sim.world.where import Where
from sim.world.world import IN_PLACE, LicenceOffice, Row, World

WEEK_BY_WORKING_DAYS = DAYS_PER_WEEK / WEEKDAYS_PER_WEEK


OFFICE_ROW, COVER_ROW = "office_cases_per_week", "covered_share"
"""Rows of the pack for what nobody has published, as the page says in front"""


class Reviewers(StrictModel):
    """An office in which cases wait for somebody to review them."""

    reviewers: int = Field(ge=1, le=100_000, examples=[12])
    """Persons who review cases."""
    cases_per_week: PerEach
    """Cases that one reviewer closes in a week."""


class Throughput(StrictModel):
    """An office of which only is said what it closes in all."""

    cases_a_week: float = Field(ge=0.01, le=1e6, examples=[40])
    """Cases that it closes in a week."""


def _office(written: object, info: ValidationInfo) -> object:
    if written in ("clock", "stopped") or isinstance(written, Reviewers | Throughput):
        return written
    if written == "pack":
        return None
    if isinstance(written, dict) and not {"cases_a_week", "reviewers"} <= written.keys():
        # Who counts no reviewers means what the office closes in all.
        in_all = not any(str(key).startswith("review") for key in written)
        return (Throughput if in_all else Reviewers).model_validate(written, context=info.context)
    both = "both `cases_a_week` and `reviewers`" if isinstance(written, dict) else quote(written)
    raise fault(
        f"{both} {'say how much it closes' if isinstance(written, dict) else 'is not an office'}",
        "`clock`, `stopped`, `pack`, {cases_a_week: 40}, or {reviewers: 12, cases_per_week: 2 each}",
    )


def _entries(written: object) -> object:
    """A list of entries; one alone is a list of one."""
    if isinstance(written, dict):
        return (written,)
    if not isinstance(written, list | tuple):
        raise fault(
            f"{quote(written)} is no list of terms",
            "for example [{destinations: [EU], review: 60 d}]",
        )
    if len(written) > MOST_ENTRIES:
        raise fault(f"{len(written)} entries are too many", f"at most {MOST_ENTRIES}")
    return tuple(written)


MOST_ENTRIES = 50


def _tonnage(written: object, info: ValidationInfo) -> object:
    if written == "all":
        return written
    try:
        return _DAYS.validate_python(written, context=info.context)
    except ValidationError:
        raise fault(
            f"{quote(written)} is not what a licence covers",
            "`all` that is ordered, or the time whose planned use it covers, such as `3 months`",
        ) from None


_DAYS: TypeAdapter[float] = TypeAdapter(AtLeastADay)


def _general(written: object, read: ValidatorFunctionWrapHandler) -> object:
    """`none` takes a general licence back in an easing."""
    return () if written == "none" else read(written)


class CaseSettings(StrictModel):
    """How a case is treated; what is left out is the lever's, and what that leaves out the pack's."""

    asks_the_pack: ClassVar[bool] = True
    """Whether the pack has what is left out"""

    review: WorkingOrCalendarDays | None = Field(default=None, examples=["45 working days", "60 d"])
    """The longest that a review takes, from its start to the decision; left out: the pack's."""
    mean_review: WorkingOrCalendarDays | None = Field(default=None, examples=["30 working days"])
    """Mean of the reviews, which are drawn between nothing and `review`; as long as `review`: every one takes
    that. Left out: the same part of `review` as in the pack (under `terms`, as in the lever)."""
    approve: Share | None = Field(default=None, examples=["80 %"])
    """Share of civil cases that are approved; given together with `return` and `refuse`, which make
    100 % with it. Left out: the pack's."""
    return_: Share | None = Field(default=None, alias="return", examples=["15 %"])
    """Share of civil cases sent back, which are reviewed anew; see `returned`."""
    refuse: Share | None = Field(default=None, validate_default=True, examples=["5 %"])
    """Share of civil cases refused; they may apply again later."""
    validity: AtLeastADay | None = Field(default=None, examples=["180 d"])
    """How long an approval covers its user's orders; left out: the pack's."""
    tonnage: Annotated[
        Literal["all"] | float | None, BeforeValidator(_tonnage), either({"const": "all"}, DURATION)
    ] = Field(default=None, examples=["3 months", "all"])
    """Planned use that a licence covers, as time; `all`: whatever its user orders, also what has piled up.
    Left out: the pack's."""
    between_licences: Days | None = Field(default=None, examples=["120 d"])
    """The least time from one grant of a case to the next; left out: so long that licences of this `tonnage`
    cover no more than the pack's share of planned use."""
    grace: Days | None = Field(default=None, examples=["14 d"])
    """Time for which goods pass that were declared before, from the day on which a user comes into scope; left
    out: none."""
    military: Literal["refuse", "as civil"] | None = None
    """How military end users are treated; left out: as in the pack."""

    @field_validator("mean_review")
    @classmethod
    def _mean_within(cls, mean: Duration | None, info: ValidationInfo) -> Duration | None:
        longest, world = info.data.get("review"), world_of(info)
        if mean is not None and longest is not None:
            _check_mean(mean, longest.nominal_calendar_days)
        elif mean is not None and world is not None and cls.asks_the_pack:
            _check_mean(mean, world.licence_office.review_days)
        return mean

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

    def treatment(self, left_out: CaseTerms) -> CaseTerms:
        """These settings, and the given terms where they are silent."""
        longest, part = left_out.review_days, left_out.mean_part
        calendar_days = longest * (WEEK_BY_WORKING_DAYS if left_out.working_days else 1.0)
        if self.review is not None:
            longest, calendar_days = self.review.days, self.review.nominal_calendar_days
        if self.mean_review is not None:
            part = min(1.0, self.mean_review.nominal_calendar_days / calendar_days)
        tonnage = left_out.tonnage_days if self.tonnage is None else self.tonnage
        tonnage_days = inf if isinstance(tonnage, str) else tonnage
        between, share = left_out.between_licences_days, left_out.covered_share
        if self.between_licences is not None:
            between, share = self.between_licences, None
        elif share is not None:
            between = _apart(tonnage_days, share)
        return CaseTerms(
            review_days=longest,
            working_days=left_out.working_days if self.review is None else self.review.working,
            mean_part=part,
            approve=_or(self.approve, left_out.approve),
            return_=_or(self.return_, left_out.return_),
            refuse=_or(self.refuse, left_out.refuse),
            validity_days=_or(self.validity, left_out.validity_days),
            tonnage_days=tonnage_days,
            between_licences_days=between,
            covered_share=share,
            military_refused=left_out.military_refused
            if self.military is None
            else self.military == "refuse",
            grace_days=_or(self.grace, left_out.grace_days),
        )


def _apart(tonnage_days: float, share: float | None) -> float:
    """Days from one licence to the next, so that they cover this share of planned use; 0: at once."""
    return 0.0 if share is None or not isfinite(tonnage_days) else tonnage_days / share


def _or(given: float | None, default: float) -> float:
    return default if given is None else given


def _check_mean(mean: Duration, longest_days: float) -> None:
    if mean.nominal_calendar_days > longest_days + 1e-9:
        raise fault(
            f"a mean of {plain_number(mean.nominal_calendar_days)} days is above the longest review, "
            f"{plain_number(longest_days)} days",
            "give a mean below `review`, or leave it out",
        )


class OwnTerms(CaseSettings):
    """Terms of the cases for some forms or destinations; the first entry that fits counts."""

    asks_the_pack = False

    forms: Forms = ()
    """States of the material that it is about; of forms that one licence covers together, all. Left out: every
    form in scope."""
    destinations: Destinations = ()
    """Regions and countries of the users that it is about; left out: all in scope."""

    def covers(self, other: OwnTerms) -> bool:
        """Whether it fits every case that the other fits, told from the names alone."""
        pairs = ((self.forms, other.forms), (self.destinations, other.destinations))
        return all(not mine or (bool(its) and set(its) <= set(mine)) for mine, its in pairs)


class ExportLicence(CaseSettings, ExportRestriction):
    """What people write under `kind: export_licence`; None stands for the pack's own default."""

    agent = "sim.agents.licence_desk"
    is_drawn = True
    glossary: ClassVar[Mapping[str, str]] = {
        "Review": "what the licence office does with a case; never the model's own step."
    }
    left_out = (
        "When first applications for a licence arrive, how long each review takes and how each case ends are "
        "one draw. Which sector of a region is hit first should be read with that in mind."
    )
    pack_rows = PackRows(
        "licence_office",
        {
            "reviewers": "office",
            "cases_per_week": "office",
            "office_cases_per_week": "office",
            "first_application_days": "first_applications",
            "returned": "returned",
            "review_calendar_days": "review",
            "mean_review_days": "mean_review",
            "tonnage_months": "tonnage",
            "covered_share": "",
            "user_size_exponent": "",
            "approve": "approve",
            "return": "return_",
            "refuse": "refuse",
            "reapply_days": "",
            "validity_days": "validity",
            "renewal_review_factor": "",
            "military": "military",
        },
    )

    _pack: LicenceOffice | None = PrivateAttr(default=None)
    """Stands for the world's office where the ends of what is unknown are tried"""

    kind: Literal["export_licence"]
    office: Annotated[
        Literal["clock", "stopped"] | Reviewers | Throughput | None,
        BeforeValidator(_office),
        also("pack"),
    ] = Field(
        default=None,
        examples=[
            {"cases_a_week": 40},
            {"reviewers": 12, "cases_per_week": "2 each"},
            "clock",
            "stopped",
        ],
    )
    """What it closes in a week, in all or by its reviewers, with a queue in front of it; `clock`: none waits,
    and every case takes its review time; `stopped`: nothing is reviewed or decided, until it is eased to
    another. Left out, or `pack`: the pack's."""
    queue: Literal["arrival", "large first", "by class"] | None = None
    """In which order cases wait: as they arrive, by planned use under the case, or by class of the end use, as
    the pack has it, military users first. Left out: as they arrive."""
    first_applications: Days | None = Field(default=None, examples=["6 weeks", "0 d"])
    """Time over which first applications come in, evenly; left out: the pack's."""
    returned: Literal["keep their place", "go to the end"] | None = None
    """Whether a returned case is reviewed anew at once, or waits behind all others; left out: as in the
    pack."""
    renewal: Literal["holds", "lapses"] | None = None
    """Whether the old licence covers while a renewal filed in time is pending; left out: it holds."""
    general_licence: Annotated[Buyers, WrapValidator(_general), also("none")] = ()
    """Buyers that pass without a case: sites, end uses, a class of the pack for its end uses, or a region or
    country for all buyers there (of a country that is but part of a region, its sites); left out, or `none`:
    none. A general licence lasts a year; its buyers apply when it has ended."""
    terms: Annotated[tuple[OwnTerms, ...], BeforeValidator(_entries), one_or_more()] = Field(
        default=(), examples=[[{"forms": ["magnet"], "review": "60 d"}]]
    )
    """Terms of their own for some forms or destinations, each entry with its settings; the first that fits a
    case counts. Left out: all cases are treated alike."""

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

    @field_validator("terms")
    @classmethod
    def _forms_of_a_licence_together(
        cls, terms: tuple[OwnTerms, ...], info: ValidationInfo
    ) -> tuple[OwnTerms, ...]:
        world = world_of(info)
        together: dict[str, list[str]] = {}
        for form in world.forms if world else ():
            if form.licence_group and form.id in (info.data.get("forms") or [form.id]):
                together.setdefault(form.licence_group, []).append(form.id)
        wrong = [
            at((index, "forms"), fault(
                f"one licence covers {listed(group)}, and only {listed(named)} is named",
                f"name {'both' if len(group) == 2 else 'all of them'}, or none",
            ))
            for index, entry in enumerate(terms)
            for group in together.values()
            if (named := [form for form in group if form in entry.forms]) and named != group
        ]  # fmt: skip
        own = info.data.get("review")
        for index, entry in enumerate(terms):
            if entry.mean_review is None or entry.review is not None or world is None:
                continue
            longest = own.nominal_calendar_days if own else world.licence_office.review_days
            try:
                _check_mean(entry.mean_review, longest)
            except PydanticCustomError as error:
                wrong.append(at((index, "mean_review"), error))
        if wrong:
            raise ValidationError.from_exception_data("terms", wrong)
        return terms

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """Also general licences for buyers that need none."""
        yield from super().cautions(reach)
        yield from self._odd_terms(reach)
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

    def _odd_terms(self, reach: Reach) -> Iterator[Caution]:
        """Licences that run out before the next can be decided; terms that no case has."""
        terms = self._terms(reach.world).cases
        review = terms.review_days * (WEEK_BY_WORKING_DAYS if terms.working_days else 1.0)
        lapses = not self._terms(reach.world).renewal_holds
        if lapses and terms.validity_days < terms.between_licences_days:
            yield Caution(
                ("renewal", "validity", "between_licences"),
                f"an approval of `{self.id}` is valid for {plain_number(terms.validity_days)} days, the next "
                f"comes after {plain_number(ceil(terms.between_licences_days))}, and the old one lapses",
                "let it hold (`renewal: holds`), or check both numbers",
            )
        elif terms.validity_days <= review * terms.mean_part:
            yield Caution(
                ("validity", "review"),
                f"an approval of `{self.id}` is valid for {plain_number(terms.validity_days)} days and a "
                f"review takes {plain_number(review * terms.mean_part)}, so nobody is covered all the time",
                "check both numbers and their units",
            )
        if self.office == "clock" and self.queue is not None:
            yield Caution(
                ("queue",),
                f"nobody waits for the office of `{self.id}`, so the order of its queue changes nothing",
                "give it {cases_a_week: 40}, or leave `queue` out",
            )
        yield from self._idle_terms(reach)

    def _idle_terms(self, reach: Reach) -> Iterator[Caution]:
        """Entries of `terms` that are about no case, or say nothing of any."""
        scope, before = self.scope(reach.world), list[OwnTerms]()
        for number, entry in enumerate(self.terms, start=1):
            which = f"entry {number} of the `terms` of `{self.id}`"
            forms = frozenset(entry.forms) & scope.forms if entry.forms else scope.forms
            places = frozenset(entry.destinations) or scope.destinations
            if scope.destinations and entry.destinations:
                places = _within(entry.destinations, scope.destinations, reach.world)
            if (
                not forms
                or (not places and entry.destinations)
                or not reach.meets(replace(scope, forms=forms, destinations=places))
            ):
                yield Caution(
                    ("terms",),
                    f"{which} is about no case",
                    "name forms and destinations that are in scope",
                )
            elif not entry.model_dump(exclude={"forms", "destinations"}, exclude_none=True):
                yield Caution(
                    ("terms",),
                    f"{which} says nothing of its own",
                    "add a setting such as `review: 60 d`",
                )
            elif any(earlier.covers(entry) for earlier in before):
                yield Caution(
                    ("terms",),
                    f"an earlier entry fits whatever {which} is about, and the first that fits counts",
                    "put the narrower entry first",
                )
            before.append(entry)

    def shown_as(self, phase: Phase) -> str:
        """An easing that stops the office is a halt."""
        halted = phase.kind == "eased" and self.restated(phase).office == "stopped"
        return "halted" if halted else phase.kind

    def sentence(self, world: World) -> str:
        """The licensing regime in plain words."""
        exporter = world.countries[self.exporter].name
        granted = {word for word, field in TAKEN_FOR_GRANTED.items() if not getattr(self, field)}
        details = "; ".join(word for word in self._setting_words(world) if word not in granted)
        details = details[0].upper() + details[1:]
        return (
            f"{exporter} lets {self.scope_words(world)}, go only under licence: "
            f"{self.date_words(world)}. {details}."
        )

    def clauses(self, world: World) -> list[str]:
        """What, where to, and how cases are treated."""
        return [*super().clauses(world), *self._setting_words(world)]

    def _setting_words(self, world: World) -> list[str]:
        terms = self._terms(world)
        holds = "stays good" if terms.renewal_holds else "ends by its date"
        names = [buyer_words(name, world) for name in self.general_licence]
        words = [
            *_case_words(terms.cases),
            *_office_words(terms),
            f"an old licence {holds} while its renewal is pending",
            f"general licences, valid for a year, for {listed(names) or 'nobody'}",
        ]
        form_names, known = {form.id: form.name for form in world.forms}, len(words)
        for entry, special in zip(self.terms, terms.special, strict=True):
            news = [word for word in _case_words(special.terms) if word not in words]
            about = f"for {listed([form_names[form] for form in entry.forms]) or 'goods'}"
            if entry.destinations:
                about += f" to {listed([place_name(id, world) for id in entry.destinations])}"
            first = "else " if len(words) > known else ""
            words.append(f"{first}{about}: {'; '.join(news) or 'the same'}")
        return words if self.terms else [*words, "all cases are treated alike"]

    def effects(self, world: World) -> tuple[Effect, ...]:
        """Lots in scope wait for their end user's licence; else the pack's default holds."""
        return (Passage(self.scope(world), Verdict.HOLD, self._terms(world)),)

    def reads(self, row: Row, reach: Reach) -> bool:
        """Also who stands behind a buyer in scope, which forms are licensed, and the calendar of the office."""
        if not self.looks_at(row, reach.world):
            return False
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

    def ends_of_unknowns(self, world: World) -> tuple[Self, Self] | None:
        """Cases that the office closes in a week, and the time between licences, where the pack gives them."""
        ranges = self._unknowns(world)
        if not ranges:
            return None
        hard, easy = self.model_copy(), self.model_copy()
        office = world.licence_office
        cases, cover = ranges.get(OFFICE_ROW), ranges.get(COVER_ROW)
        for lever, end in ((hard, 0), (easy, 1)):
            lever._pack = replace(
                office,
                cases_a_week=cases[end] if cases else office.cases_a_week,
                covered_share=cover[end] if cover else office.covered_share,
            )
        return hard, easy

    def unknown_words(self, world: World) -> str:
        """The two ranges."""
        ranges, words = self._unknowns(world), []
        if OFFICE_ROW in ranges:
            low, high = (plain_number(float(f"{cases:.2g}")) for cases in ranges[OFFICE_ROW])
            words.append(f"it closes {low} to {high} cases a week")
        if COVER_ROW in ranges:
            low, high = (percent(float(f"{share:.2g}")) for share in ranges[COVER_ROW])
            words.append(f"licences cover at most {low} to {high} of what a user plans to buy")
        return " and ".join(words)

    def _unknowns(self, world: World) -> dict[str, tuple[float, float]]:
        """Row of the pack that stands for what nobody has published -> its range; while the office works."""
        acting = [self.restated(phase) for phase in self.timeline() if phase.acts]
        works = [lever for lever in acting if lever.office != "stopped"]
        found = {}
        for row in world.rows:
            if row.table == "licence_office" and row.parameter in (OFFICE_ROW, COVER_ROW):
                low, high = as_number(row.low), as_number(row.high)
                takes = any(x.takes(row) and x.looks_at(row, world) for x in works)
                if takes and low is not None and high is not None and low < high:
                    found[row.parameter] = (low, high)
        return found

    def looks_at(self, row: Row, world: World) -> bool:
        """Whether the office of this world reads a row: what it closes in all stands for its reviewers."""
        office = world.licence_office
        if row.parameter in ("reviewers", "cases_per_week"):
            return office.cases_a_week is None
        if row.parameter == COVER_ROW and (
            self.between_licences is not None or self.tonnage == "all"
        ):
            return False
        return row.parameter not in ROWS_OF_OFFICES or office.ruled

    def _terms(self, world: World) -> LicenceTerms:
        pack, office = self._pack or world.licence_office, self.office
        reviewers, cases = _throughput(office, pack)
        treated = self.treatment(_of_pack(pack))
        return LicenceTerms(
            reviewers=reviewers,
            cases_per_reviewer_week=cases,
            stopped=office == "stopped",
            queue=self.queue or ARRIVAL,
            returned_keep_place=(self.returned or pack.returned) == IN_PLACE,
            first_application_days=_or(self.first_applications, pack.first_application_days),
            reapply_days=pack.reapply_days,
            renewal_holds=self.renewal != "lapses",
            renewal_review_factor=pack.renewal_review_factor,
            ruled=pack.ruled,
            general_licence=frozenset[str]().union(
                *(buyers_at(name, world) for name in self.general_licence)
            ),
            cases=treated,
            special=tuple(
                TermsFor(
                    frozenset(entry.forms), frozenset(entry.destinations), entry.treatment(treated)
                )
                for entry in self.terms
            ),
        )


def _throughput(
    written: str | Reviewers | Throughput | None, pack: LicenceOffice
) -> tuple[int | None, float]:
    """Who reviews, and how many cases each closes in a week; None: nobody is waited for."""
    if written == "clock":
        return None, pack.cases_per_week
    if isinstance(written, Reviewers):
        return written.reviewers, written.cases_per_week
    in_all = written.cases_a_week if isinstance(written, Throughput) else pack.cases_a_week
    # How many share the work makes no difference to what is closed in a week.
    return (1, in_all) if in_all is not None else (pack.reviewers, pack.cases_per_week)


def _of_pack(office: LicenceOffice) -> CaseTerms:
    """How cases are treated where the scenario is silent."""
    mean = office.mean_review_days
    return CaseTerms(
        review_days=office.review_days,
        working_days=False,
        mean_part=1.0 if mean is None else min(1.0, mean / office.review_days),
        approve=office.approve,
        return_=office.return_,
        refuse=office.refuse,
        validity_days=office.validity_days,
        tonnage_days=office.tonnage_days,
        between_licences_days=_apart(office.tonnage_days, office.covered_share),
        covered_share=office.covered_share,
        military_refused=office.military == "refuse",
        grace_days=0.0,
    )


def _office_words(terms: LicenceTerms) -> list[str]:
    queue = {ARRIVAL: "as they arrive", LARGE_FIRST: "the largest first", BY_CLASS: "by class"}
    place = (
        "is reviewed anew at once" if terms.returned_keep_place else "goes to the end of the queue"
    )
    weeks = plain_number(float(f"{terms.first_application_days / DAYS_PER_WEEK:.2g}"))
    coming = f"over {weeks} weeks" if terms.first_application_days else "on one day"
    return [
        _closes_in_words(terms),
        f"cases wait {queue[terms.queue]}",
        f"a returned case {place}",
        f"first applications come in {coming}",
    ]


def _closes_in_words(terms: LicenceTerms) -> str:
    if terms.stopped:
        return "nothing is reviewed or decided"
    if terms.reviewers is None:
        return "no case waits for a reviewer"
    cases = terms.cases_per_reviewer_week
    if terms.reviewers == 1:
        return f"the office closes {plain_number(cases)} cases a week"
    return (
        f"{terms.reviewers} reviewers close {plain_number(cases)} cases a week each, "
        f"{plain_number(terms.reviewers * cases)} in all"
    )


def _case_words(terms: CaseTerms) -> list[str]:
    """How a case is treated, in parts of a sentence."""
    unit = "working days" if terms.working_days else "days"
    review = f"{plain_number(terms.review_days)} {unit}"
    if terms.mean_part < 1.0:
        mean = plain_number(float(f"{terms.review_days * terms.mean_part:.2g}"))
        review = f"up to {review}, {mean} in the mean"
    tonnage, between = "whatever its user orders", "at once"
    if isfinite(terms.tonnage_days):
        tonnage = f"{plain_number(round(terms.tonnage_days))} days of planned use"
    if terms.between_licences_days:
        between = f"no sooner than {plain_number(ceil(terms.between_licences_days))} days later"
    return [
        f"a review takes {review}",
        f"{percent(terms.approve)} of civil cases are approved, {percent(terms.return_)} returned and "
        f"{percent(terms.refuse)} refused",
        f"an approval is valid for {plain_number(terms.validity_days)} days",
        f"it covers {tonnage}",
        f"the next may be granted {between}",
        f"what was declared before passes for {plain_number(terms.grace_days)} days",
        f"military users are {'refused' if terms.military_refused else 'treated as civil'}",
    ]


TAKEN_FOR_GRANTED = {
    "cases wait as they arrive": "queue",
    "first applications come in on one day": "first_applications",
    "it covers whatever its user orders": "tonnage",
    "the next may be granted at once": "between_licences",
    "what was declared before passes for 0 days": "grace",
    "general licences, valid for a year, for nobody": "general_licence",
    "all cases are treated alike": "terms",
}
"""What nobody would ask -> the setting with which it is said all the same, and when an easing restates it"""


def _within(names: Iterable[str], scope: frozenset[str], world: World) -> frozenset[str]:
    """Those of some regions and countries that a scope has a part of, or that lie in one of it."""
    region = {country.id: country.region for country in world.countries.values()}
    inside = {region.get(name, name) for name in scope}
    return frozenset(
        name
        for name in names
        if name in scope or region.get(name) in scope or (name in world.regions and name in inside)
    )
