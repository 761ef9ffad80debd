"""Earlier licences of the same ministry, gallium and germanium 2023-24: what they say of the office.

Two numbers are fitted, the same for both metals: X, the mean days from filing to a first licence, and c, the
part of a user's planned use that its licences cover. Nothing of a period after March 2025 is read.

    tables   the rows used, and what is added and taken away to make months of them
    flows    exports after the start of the rule as parts of those before, and how two of them are compared
    rule     the licence that X and c stand for
    worlds   one exporter, buyers abroad, and what leaves month by month under a rule
    naive    lines without a model, and the best that one path for both metals can reach
    search   the grids of X and c, and the range that fits nearly as well
    offices  X and c where the pack's other rows on the office are at their ends
    page     what is written into `docs/licences.md`
"""
