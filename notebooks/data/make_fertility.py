"""Make fertility.csv again from the table that statsmodels carries.

pip install statsmodels && python make_fertility.py
"""  # noqa: INP001 - a script beside its data, not a package

from __future__ import annotations

from pathlib import Path

from statsmodels.datasets import fertility

# Rows of the source that add several countries up.
AGGREGATES = {
    "CAA",  # Sub-Saharan Africa (IFC classification)
    "LCN",  # Latin America & Caribbean (all income levels)
    "OED",  # OECD members
    "OSS",  # Other small states
    "PSS",  # Pacific island small states
}


def main() -> None:
    """Write the table in long form, one row a country and year."""
    wide = fertility.load_pandas().data
    wide = wide[~wide["Country Code"].isin(AGGREGATES)]
    wide = wide.drop(columns=["Indicator Name", "Indicator Code"])
    wide = wide.rename(columns={"Country Name": "country", "Country Code": "code"})
    long = wide.melt(["country", "code"], var_name="year", value_name="rate")
    long["year"] = long["year"].astype(int)
    # The source holds three decimals and the noise of its floats behind them.
    long["births_per_woman"] = long.pop("rate").round(3)
    long = long.sort_values(["country", "year"])
    long.to_csv(Path(__file__).with_name("fertility.csv"), index=False)


if __name__ == "__main__":
    main()
