"""Where grids and users are, and the round trip that a distance takes."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats

EARTH_RADIUS_KM = 6371.0
# Least squares over the 1,122 public round trips between pairs of Google Cloud regions (R2 0.76, residual sd 39 ms).
RTT_BASE_MS = 17.0
RTT_MS_PER_KM = 0.0152


@dataclass(frozen=True, slots=True)
class City:
    """A group of users: coordinates (degrees), hours ahead of UTC in winter, and a weight of its demand."""

    name: str
    latitude: float
    longitude: float
    utc_offset: float
    weight: float


# The data centre site of each grid zone: a Google Cloud region where one exists, else the usual host city.
ZONE_SITES = {
    "KR": (37.57, 126.98),
    "SG": (1.35, 103.71),
    "AU-NSW": (-33.87, 151.21),
    "AU-VIC": (-37.81, 144.96),
    "PL": (52.23, 21.01),
    "FI": (60.54, 27.13),
    "ES": (40.42, -3.70),
    "BE": (50.47, 3.86),
    "GB": (51.51, -0.13),
    "DE": (50.12, 8.97),
    "NL": (52.80, 5.04),
    "FR": (48.86, 2.35),
    "CA-QC": (45.50, -73.57),
    "CA-ON": (43.65, -79.38),
    "BR-CS": (-23.55, -46.63),
    "CL-SEN": (-33.36, -70.70),
    "US-CENT-SWPP": (41.18, -95.80),
    "US-CAR-SCEG": (33.11, -80.09),
    "US-MIDA-PJM": (39.01, -77.43),
    "US-TEX-ERCO": (32.78, -96.80),
    "US-NW-PACW": (45.63, -121.20),
    "US-CAL-CISO": (34.05, -118.24),
    "US-NW-PACE": (40.76, -111.89),
    "US-NY-NYIS": (40.71, -74.01),
    "US-NE-ISNE": (42.36, -71.06),
    "US-NW-BPAT": (47.23, -119.85),
    "CA-AB": (51.05, -114.07),
    "SE": (59.33, 18.07),
    "NO": (59.91, 10.75),
    "PT": (38.72, -9.14),
    "DK": (55.68, 12.57),
    "AT": (48.21, 16.37),
    "AU-SA": (-34.93, 138.60),
    "AU-QLD": (-27.47, 153.03),
    "NZ": (-36.85, 174.76),
    "MX": (20.59, -100.39),
}

# Ordered so that any first few are spread over the world; weights are an assumption, in the order of metropolitan size.
CITIES = (
    City("New York", 40.71, -74.01, -5, 1.3),
    City("London", 51.51, -0.13, 0, 1.1),
    City("Tokyo", 35.68, 139.69, 9, 1.4),
    City("Sao Paulo", -23.55, -46.63, -3, 1.0),
    City("Mumbai", 19.08, 72.88, 5.5, 1.2),
    City("San Francisco", 37.77, -122.42, -8, 1.0),
    City("Sydney", -33.87, 151.21, 10, 0.6),
    City("Berlin", 52.52, 13.41, 1, 0.8),
    City("Seoul", 37.57, 126.98, 9, 1.0),
    City("Chicago", 41.88, -87.63, -6, 0.8),
    City("Paris", 48.86, 2.35, 1, 0.9),
    City("Mexico City", 19.43, -99.13, -6, 0.8),
    City("Johannesburg", -26.20, 28.05, 2, 0.5),
    City("Toronto", 43.65, -79.38, -5, 0.6),
    City("Singapore", 1.35, 103.82, 8, 0.7),
    City("Madrid", 40.42, -3.70, 1, 0.6),
    City("Dallas", 32.78, -96.80, -6, 0.6),
    City("Warsaw", 52.23, 21.01, 1, 0.5),
    City("Buenos Aires", -34.60, -58.38, -3, 0.5),
    City("Istanbul", 41.01, 28.98, 3, 0.7),
    City("Jakarta", -6.21, 106.85, 7, 0.9),
    City("Stockholm", 59.33, 18.07, 1, 0.4),
    City("Lagos", 6.52, 3.38, 1, 0.6),
    City("Los Angeles", 34.05, -118.24, -8, 0.9),
    City("Cairo", 30.04, 31.24, 2, 0.6),
    City("Auckland", -36.85, 174.76, 12, 0.3),
)


def distance_km(from_degrees: Floats, to_degrees: Floats) -> Floats:
    """(A,B) great-circle distances between (A,2) and (B,2) coordinates in degrees (haversine)."""
    start, end = np.radians(from_degrees)[:, None, :], np.radians(to_degrees)[None, :, :]
    half = np.sin((end - start) / 2) ** 2
    chord = half[..., 0] + np.cos(start[..., 0]) * np.cos(end[..., 0]) * half[..., 1]
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord)))


def round_trip_ms(from_degrees: Floats, to_degrees: Floats) -> Floats:
    """(A,B) round trips in whole ms: a constant for access and peering, and so much for every kilometre."""
    return np.rint(RTT_BASE_MS + RTT_MS_PER_KM * distance_km(from_degrees, to_degrees))
