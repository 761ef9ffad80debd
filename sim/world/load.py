"""Rows of a pack become the frozen `World`; what is missing or unreadable is said with line and column."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from math import inf, isfinite, nan
from pathlib import Path

from sim.problems import BadInputError, Place, Problem
from sim.world.changes import Change, apply_changes
from sim.world.checks import check_world
from sim.world.tables import PackText, check_origins, did_you_mean, read_pack
from sim.world.world import (
    Corridor,
    Country,
    Cover,
    Defaults,
    Demand,
    Element,
    EndUsers,
    Flow,
    Form,
    Holidays,
    Ingredient,
    Leg,
    LicenceOffice,
    Link,
    Product,
    Recipe,
    Region,
    Row,
    Sector,
    Site,
    Source,
    Stockpile,
    Target,
    World,
)


def pack_ids() -> list[str]:
    """Packs that come with the program."""
    root = Path(str(files("sim.world"))) / "packs"
    return sorted(p.name for p in root.iterdir() if (p / "pack.csv").is_file())


def load_pack(id_or_folder: str | Path, changes: Sequence[Change] = ()) -> World:
    """The world of a shipped pack or a pack folder; raises `BadInputError` with every fault found."""
    folder = _folder(str(id_or_folder))
    pack = read_pack(folder)
    apply_changes(pack, changes)
    check_origins(pack)
    world = None if pack.problems else _Loader(pack).world()
    if world is None or pack.problems:
        raise BadInputError(pack.problems)
    check_world(world, pack)
    if pack.problems:
        raise BadInputError(pack.problems)
    return world


def _folder(name: str) -> Path:
    known = pack_ids()
    if name in known:
        return Path(str(files("sim.world"))) / "packs" / name
    path = Path(name)
    if path.is_dir():
        return path
    help = did_you_mean(name, known) or f"one of: {', '.join(known)}, or a folder"
    raise BadInputError([Problem(Place(name), "there is no such pack", help)])


@dataclass(slots=True)
class _Loader:
    pack: PackText
    tables: dict[str, dict[tuple[str, ...], dict[str, Row]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table in ("", *{row.table for row in self.pack.rows}):
            self.tables[table] = {}
        for row in self.pack.rows:
            self.tables[row.table].setdefault(row.key, {})[row.parameter] = row

    # ---- cells

    def of(self, table: str) -> Mapping[tuple[str, ...], dict[str, Row]]:
        """Key -> parameter -> row of a table, in the table's order."""
        return self.tables.get(table, {})

    def text(self, rows: Mapping[str, Row], parameter: str, default: str | None = None) -> str:
        """A word; a missing one is a fault unless there is a default."""
        row = rows.get(parameter)
        if row is not None:
            return row.value
        if default is None:
            self._missing(rows, parameter)
            return ""
        return default

    def number(
        self, rows: Mapping[str, Row], parameter: str, default: float | None = None
    ) -> float:
        """A number, with `%` and `%/yr` as fractions."""
        row = rows.get(parameter)
        if row is None:
            if default is None:
                self._missing(rows, parameter)
                return 0.0
            return default
        try:
            value = float(row.value)
        except ValueError:
            value = nan
        if not isfinite(value):
            self.pack.fault(row, "value", f"`{row.value}` is not a number", "for example 1200.5")
            return 0.0
        if value < 0:
            self.pack.fault(
                row, "value", f"`{row.value}` is below zero", "amounts are not negative"
            )
        return value / 100 if row.unit.startswith("%") and parameter != "target" else value

    def _missing(self, rows: Mapping[str, Row], parameter: str) -> None:
        some = next(iter(rows.values()))
        self.pack.fault(some, "parameter", f"`{' '.join(filter(None, some.key))}` has no `{parameter}`",
                        f"add a row {','.join(some.key)},{parameter},...")  # fmt: skip

    def words(self, rows: Mapping[str, Row], parameter: str) -> tuple[str, ...]:
        """A list of words parted by blanks or semicolons."""
        return tuple(self.text(rows, parameter, "").replace(";", " ").split())

    def shares(self, rows: Mapping[str, Row], parameter: str) -> dict[str, float]:
        """`NAME:share` pairs parted by semicolons."""
        out = {}
        for pair in self.text(rows, parameter, "").split(";"):
            name, _, share = pair.partition(":")
            if name.strip():
                try:
                    out[name.strip()] = float(share or 1)
                except ValueError:
                    self.pack.fault(rows[parameter], "value", f"`{pair}` is not NAME:share")
        return out

    # ---- the world

    def world(self) -> World:
        meta = self._meta()
        recipes, products = self._recipes()
        forms = tuple(sorted((self._form(k[0], r) for k, r in self.of("forms").items()),
                             key=lambda f: f.order))  # fmt: skip
        elements = tuple(self._element(k[0], r) for k, r in self.of("elements").items())
        singles = [f for f in forms if f.kind == "elements"][:1]
        oxides = [
            Product(e.symbol, f.id, f"{e.name} {f.name}", None) for f in singles for e in elements
        ]
        baskets = self._baskets()
        return World(
            id=next(iter(self.of("pack")))[0],
            title=self.text(meta, "title"),
            base_year=int(self.number(meta, "base_year")),
            basis=self.text(meta, "basis"),
            content_hash=self._hash(),
            stages=self.words(meta, "stages"),
            elements=elements,
            groups={
                p.partition(":")[2]: tuple(r.value.split())
                for p, r in meta.items()
                if p.startswith("group:")
            },  # fmt: skip
            forms=forms,
            mixed_form=self.text(meta, "mixed_form"),
            scrap_form=self.text(meta, "scrap_form"),
            products=(*oxides, *products),
            recipes=recipes,
            countries={k[0]: self._country(k[0], r) for k, r in self.of("countries").items()},
            regions={
                k[0]: Region(k[0], self.text(r, "name")) for k, r in self.of("regions").items()
            },
            sectors={k[0]: self._sector(k[0], r) for k, r in self.of("sectors").items()},
            sites={
                k[0]: self._site(k[0], r, baskets.get(k[0], {}))
                for k, r in self.of("sites").items()
            },
            demand=tuple(Demand(*k, self.number(r, "need")) for k, r in self.of("demand").items()),
            flows=tuple(Flow(*k, self.number(r, "flow")) for k, r in self.of("flows").items()),
            links=self._links(),
            corridors=self._corridors(),
            covers=tuple(Cover(*k, self.number(r, "days")) for k, r in self.of("covers").items()),
            stockpiles={k[0]: self._stockpile(k[0], r) for k, r in self.of("stockpiles").items()},
            end_users={k[0]: self._users(k[0], r) for k, r in self.of("end_users").items()},
            licence_office=self._office(),
            holidays=self._holidays(),
            defaults=self._defaults(),
            targets=tuple(self._target(k[0], r) for k, r in self.of("targets").items()),
            sources={
                s["id"]: Source(s["id"], s["publisher"], s["title"], s["year"], s["link"])
                for s in self.pack.sources
            },  # fmt: skip
            rows=tuple(self.pack.rows),
        )

    def _hash(self) -> str:
        digest = hashlib.sha256()
        for row in sorted(self.pack.rows, key=lambda r: (r.table, r.key, r.parameter)):
            cells = (row.table, *row.key, row.parameter, row.value, row.unit, row.source)
            digest.update("\x1f".join(cells).encode("utf-8") + b"\n")
        return digest.hexdigest()

    def _meta(self) -> dict[str, Row]:
        return next(iter(self.of("pack").values()))

    def _element(self, symbol: str, rows: Mapping[str, Row]) -> Element:
        price = self.number(rows, "price") if "price" in rows else None
        return Element(symbol, self.text(rows, "name"), self.text(rows, "family", ""), price,
                       self.number(rows, "element_share", 1.0))  # fmt: skip

    def _form(self, id: str, rows: Mapping[str, Row]) -> Form:
        return Form(id, self.text(rows, "name"), int(self.number(rows, "order")),
                    self.text(rows, "kind"), self.text(rows, "licence_group", ""))  # fmt: skip

    def _recipes(self) -> tuple[dict[str, Recipe], list[Product]]:
        recipes: dict[str, list[Ingredient]] = defaultdict(list)
        products = []
        for (grade, element), rows in self.of("recipes").items():
            if not element:
                products.append(Product(grade, self.text(rows, "form"), self.text(rows, "name"),
                                        self.number(rows, "reo_per_t_finished")))  # fmt: skip
                continue
            recipes[grade].append(
                Ingredient(
                    element,
                    self.number(rows, "share"),
                    self.text(rows, "role"),
                    self.text(rows, "replaced_by", ""),
                )  # fmt: skip
            )
        return {g: Recipe(g, tuple(parts)) for g, parts in recipes.items()}, products

    def _baskets(self) -> dict[str, dict[str, float]]:
        out: dict[str, dict[str, float]] = defaultdict(dict)
        for (site, element), rows in self.of("ores").items():
            out[site][element] = self.number(rows, "share")
        return {s: {e: v / sum(b.values()) for e, v in b.items()} for s, b in out.items()}

    def _country(self, id: str, rows: Mapping[str, Row]) -> Country:
        alone = self.number(rows, "standalone", 0.0) > 0
        return Country(id, self.text(rows, "name"), self.text(rows, "region"), alone)

    def _sector(self, id: str, rows: Mapping[str, Row]) -> Sector:
        return Sector(id, self.text(rows, "name"), self.text(rows, "form"),
                      self.number(rows, "growth", 0.0), self.text(rows, "heatmap_group", id),
                      self.text(rows, "priority_class", "other"))  # fmt: skip

    def _site(self, id: str, rows: Mapping[str, Row], basket: Mapping[str, float]) -> Site:
        recovery = {
            p.partition(":")[2] or "*": self.number(rows, p)
            for p in rows
            if p == "recovery" or p.startswith("recovery:")
        }
        return Site(
            id=id,
            name=self.text(rows, "name"),
            country=self.text(rows, "country"),
            region=self.text(rows, "region"),
            stage=self.text(rows, "stage"),
            status=self.text(rows, "status"),
            plan=self.text(rows, "plan", "own"),
            output_t_per_year=self.number(rows, "output", 0.0),
            capacity_t_per_year=self.number(rows, "capacity", 0.0),
            growth_per_year=self.number(rows, "growth", 0.0),
            processing_days=self.number(rows, "processing_days", 0.0),
            recovery=recovery,
            can_separate=self.words(rows, "can_separate"),
            drivers=self.words(rows, "drivers"),
            driver_slack_days=self.number(rows, "driver_slack_days", 90.0),
            storage_days=self.number(rows, "storage_days", inf),
            basket=basket,
            products=self.words(rows, "products"),
            swarf_share=self.number(rows, "swarf_share", 0.0),
            planned_capacity_t_per_year=self.number(rows, "planned_capacity", 0.0),
            earliest_start=self.number(rows, "earliest_start", nan),
            ramp_years=self.number(rows, "ramp_years", 0.0),
            ramp_cap=self.number(rows, "ramp_cap", 1.0),
            success=self.number(rows, "success", 1.0),
            sells_to=self.shares(rows, "sells_to"),
            sells_to_sites=self.shares(rows, "sells_to_sites"),
            feed_from=self.words(rows, "feed_from"),
            mixed_goes_to=self.text(rows, "mixed_goes_to", ""),
        )

    def _links(self) -> dict[tuple[str, str, str], Link]:
        traded = {key[:3] for key in self.of("flows")}
        out = {}
        for (seller, buyer, form), rows in self.of("links").items():
            out[seller, buyer, form] = Link(
                seller=seller,
                buyer=buyer,
                form=form,
                transit_days=self.number(rows, "transit_days"),
                corridor=self.text(rows, "corridor", ""),
                route=self.text(rows, "route", ""),
                states_crossed=self.words(rows, "states_crossed"),
                qualified=(seller, buyer, form) in traded,
                requalification_days=self.number(rows, "requalification_days", 0.0),
                planned_full_t_per_year=self.number(rows, "planned_full", 0.0),
            )
        return out

    def _corridors(self) -> dict[str, Corridor]:
        legs: dict[str, list[tuple[float, Leg]]] = defaultdict(list)
        heads: dict[str, Mapping[str, Row]] = {}
        for (corridor, name), rows in self.of("corridors").items():
            if not name:
                heads[corridor] = rows
                continue
            leg = Leg(name, self.text(rows, "mode"), self.number(rows, "days"),
                      self.number(rows, "capacity", inf), self.number(rows, "cost", 0.0))  # fmt: skip
            legs[corridor].append((self.number(rows, "order"), leg))
        return {
            c: Corridor(
                c,
                self.text(r, "name"),
                tuple(leg for _, leg in sorted(legs[c], key=lambda x: x[0])),
                self.words(r, "states_crossed"),
            )  # fmt: skip
            for c, r in heads.items()
        }

    def _stockpile(self, id: str, rows: Mapping[str, Row]) -> Stockpile:
        return Stockpile(id, self.text(rows, "region"), self.text(rows, "form"),
                         self.number(rows, "opening_stock", 0.0))  # fmt: skip

    def _users(self, node: str, rows: Mapping[str, Row]) -> EndUsers:
        named = [self.number(rows, p) for p in rows if p.startswith("share:")]
        count = len(named) or max(1, round(self.number(rows, "end_users")))
        shares = [s / sum(named) for s in named] or [1 / count] * count
        military = min(count, round(self.number(rows, "military_users", 0.0)))
        return EndUsers(node, tuple(shares), tuple(u < military for u in range(count)))

    def _office(self) -> LicenceOffice:
        rows = next(iter(self.of("licence_office").values()))
        review = rows.get("review_calendar_days")
        return LicenceOffice(
            reviewers=int(self.number(rows, "reviewers")),
            cases_per_week=self.number(rows, "cases_per_week"),
            review_days=self.number(rows, "review_calendar_days"),
            review_low_days=float(review.low or 0) if review else 0.0,
            review_high_days=float(review.high or 0) if review else 0.0,
            approve=self.number(rows, "approve"),
            return_=self.number(rows, "return"),
            refuse=self.number(rows, "refuse"),
            reapply_days=self.number(rows, "reapply_days"),
            validity_days=self.number(rows, "validity_days"),
            renewal_review_factor=self.number(rows, "renewal_review_factor"),
            military=self.text(rows, "military"),
        )

    def _holidays(self) -> dict[str, Holidays]:
        dates: dict[str, set[date]] = defaultdict(set)
        years: dict[str, set[int]] = defaultdict(set)
        typical: dict[str, float] = {}
        for (country, year), rows in self.of("holidays").items():
            if "closed_weekdays" in rows:
                for day in self.words(rows, "closed_weekdays"):
                    try:
                        dates[country].add(date.fromisoformat(day))
                    except ValueError:
                        self.pack.fault(rows["closed_weekdays"], "value", f"`{day}` is not a date")
                years[country].add(int(year))
            else:
                typical[country] = self.number(rows, "typical_weekdays_per_year")
        return {
            c: Holidays(frozenset(dates[c]), tuple(sorted(years[c])), typical.get(c, 0.0))
            for c in sorted({*dates, *typical})
        }

    def _defaults(self) -> Defaults:
        rows = {key: r for key, r in self.of("defaults").items()}
        stock = rows.get(("stock", "producer"), {})
        quota = rows.get(("quota", "rule"), {})
        return Defaults(
            producer_stock_days=self.number(stock, "producer_stock_days", 14.0),
            quota_share=self.number(quota, "amount_share", 1.0),
            requalification_days={
                item: self.number(r, "requalification_days")
                for (topic, item), r in rows.items()
                if topic == "requalification"
            },
        )

    def _target(self, id: str, rows: Mapping[str, Row]) -> Target:
        target, tolerance = rows.get("target"), rows.get("tolerance")
        value = self.number(rows, "target")
        return Target(
            id=id,
            quantity=self.text(rows, "quantity"),
            kind=self.text(rows, "kind"),
            stage=self.text(rows, "stage"),
            value=value,
            unit=target.unit if target else "",
            tolerance=float(tolerance.value) if tolerance else 0.0,
            tolerance_kind=tolerance.unit if tolerance else "",
            low=float(target.low) if target and target.low else nan,
            high=float(target.high) if target and target.high else nan,
            source=target.source if target else "",
            confidence=target.confidence if target else "",
            note=target.note if target else "",
            measure=self.text(rows, "measure", ""),
            per=self.text(rows, "per", ""),
            factor=self.number(rows, "factor", 1.0),
        )
