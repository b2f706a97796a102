"""Small files of every format, as their publishers write them; what a test changes in them is its business."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

NEW = (
    "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO\u2082eq/kWh (direct),"
    "Carbon intensity gCO\u2082eq/kWh (Life cycle),Carbon-free energy percentage (CFE%),"
    "Renewable energy percentage (RE%),Data source,Data estimated,Data estimation method"
)
OLD = (
    "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO\u2082eq/kWh (direct),"
    "Carbon Intensity gCO\u2082eq/kWh (LCA),Low Carbon Percentage,Renewable Percentage,Data Source,"
    "Data Estimated,Data Estimation Method"
)
START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(count: int, start: datetime = START, step: timedelta = HOUR) -> list[datetime]:
    """Starts of consecutive periods."""
    return [start + i * step for i in range(count)]


def em_row(time: object, value: object, zone: str = "XX", lifecycle: object = 500) -> str:
    """A row of an Electricity Maps file, since 2021."""
    shown = f"{time:%Y-%m-%d %H:%M:%S}" if isinstance(time, datetime) else time
    return f"{shown},Country,Name of {zone},{zone},{value},{lifecycle},50,40,source.example,false,"


def em_rows(count: int = 48, start: datetime = START, base: float = 400) -> list[str]:
    """Hourly rows of one zone whose direct values are base, base + 1, ... of the hour of the day."""
    return [em_row(time, base + time.hour) for time in hours(count, start)]


def em_file(rows: Iterable[str], header: str = NEW) -> str:
    """An Electricity Maps file."""
    return "\n".join([header, *rows]) + "\n"


def watttime(values: Sequence[object], start: datetime = START, **meta: object) -> str:
    """What `/v3/historical` answers: five-minute values."""
    data = [
        {"point_time": time.isoformat(), "value": value}
        for time, value in zip(hours(len(values), start, timedelta(minutes=5)), values, strict=True)
    ]
    told = {"region": "CAISO_NORTH", "signal_type": "co2_moer", "units": "lbs_co2_per_mwh", "warnings": []} | meta
    return json.dumps({"data": data, "meta": told})


def uk(actual: Sequence[object], start: datetime = START) -> str:
    """What `/intensity/{from}/{to}` answers: half-hours."""
    half = timedelta(minutes=30)
    return json.dumps(
        {
            "data": [
                {
                    "from": f"{time:%Y-%m-%dT%H:%MZ}",
                    "to": f"{time + half:%Y-%m-%dT%H:%MZ}",
                    "intensity": {"forecast": 200, "actual": value, "index": "moderate"},
                }
                for time, value in zip(hours(len(actual), start, half), actual, strict=True)
            ]
        }
    )


def sdk(ratings: Sequence[object], location: str = "westeurope") -> str:
    """A list of the carbon-aware-sdk."""
    return json.dumps(
        [
            {"location": location, "time": f"{time:%Y-%m-%dT%H:%M:%S+00:00}", "rating": value, "duration": "01:00:00"}
            for time, value in zip(hours(len(ratings)), ratings, strict=True)
        ]
    )


def carboncast(rows: Sequence[Sequence[object]]) -> str:
    """A file of CarbonCast's repository: intensity and the generation that gives it, a row an hour."""
    header = ",UTC time,carbon_intensity,coal,nat_gas,nuclear,oil,hydro,solar,wind,other"
    times = hours(len(rows))
    body = (f"{i},{times[i]:%Y-%m-%d %H:%M:%S},{','.join(map(str, row))}" for i, row in enumerate(rows))
    return "\n".join([header, *body]) + "\n"


def entsoe(rows: Sequence[Sequence[object]], *, offset: str = "+01:00") -> str:
    """entsoe-py's generation, with both header rows: biomass, gas, pumped storage (and what it takes), solar."""
    names = ",Biomass,Fossil Gas,Hydro Pumped Storage,Hydro Pumped Storage,Solar"
    kinds = ",Actual Aggregated,Actual Aggregated,Actual Aggregated,Actual Consumption,Actual Aggregated"
    times = hours(len(rows))
    body = (f"{times[i]:%Y-%m-%d %H:%M:%S}{offset},{','.join(map(str, row))}" for i, row in enumerate(rows))
    return "\n".join([names, kinds, *body]) + "\n"


EIA_FUELS = (
    "Coal",
    "Natural Gas",
    "Nuclear",
    "All Petroleum Products",
    "Hydropower and Pumped Storage",
    "Solar",
    "Wind",
    "Other Fuel Sources",
    "Unknown Fuel Sources",
)


def eia_balance(rows: Sequence[Sequence[object]], authority: str = "CISO") -> str:
    """A six-month file: MW by fuel, time at the end of the hour, thousands with commas."""
    names = ["Balancing Authority", "Data Date", "Hour Number", "Local Time at End of Hour", "UTC Time at End of Hour"]
    names += ["Demand (MW)", *(f"Net Generation (MW) from {fuel}" for fuel in EIA_FUELS)]
    names += [f"Net Generation (MW) from {fuel} (Adjusted)" for fuel in EIA_FUELS]
    times = [f"{time:%m/%d/%Y} {time.hour % 12 or 12}:00:00 {time:%p}" for time in hours(len(rows), START + HOUR)]
    body = [
        f'{authority},01/01/2024,1,"",{time},"1,000",{",".join(map(str, row))}{"," * len(EIA_FUELS)}'
        for time, row in zip(times, rows, strict=True)
    ]
    return "\n".join([",".join(names), *body]) + "\n"


def eia_long(mixes: Sequence[dict[str, object]]) -> str:
    """The interface's rows: one an hour and fuel, `period` the end of the hour."""
    rows = [
        f"{time:%Y-%m-%dT%H},CISO,California,{fuel},Name,{value},megawatthours"
        for time, mix in zip(hours(len(mixes), START + HOUR), mixes, strict=True)
        for fuel, value in mix.items()
    ]
    return "\n".join(["period,respondent,respondent-name,fueltype,type-name,value,value-units", *rows]) + "\n"
