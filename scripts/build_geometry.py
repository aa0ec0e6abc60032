"""Build the map geometry of the reports from Natural Earth, by way of the npm package world-atlas.

Usage::

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python scripts/build_geometry.py package/countries-50m.json

Writes ``states.json`` and ``contested.json`` into ``src/detente/reporting/map/geometry``.
Nothing is fetched here, nothing but numpy is needed, and the same input gives the same bytes.

TopoJSON stores borders as arcs that neighbours share. Each arc is simplified once (Visvalingam
and Whyatt 1993: the point whose triangle with its neighbours is smallest goes first), so that
borders still meet afterwards. Arcs on which a state of the region lies keep more detail.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "src/detente/scenarios/eurasia-2024"
OUT = ROOT / "src/detente/reporting/map/geometry"

FINE, COARSE = 0.008, 0.1  # square degrees, at the equator's scale
ISLET = {"regional": 0.03, "external": 0.6, "context": 0.6}  # smaller polygons are left out
DECIMALS = 2

Floats = NDArray[np.float64]
Ring = list[list[float]]
Polygon = list[Ring]

# ISO 3166-1: the numeric codes that world-atlas uses, and the alpha-3 codes of the scenarios.
ISO_3166 = """
004:AFG 008:ALB 010:ATA 012:DZA 016:ASM 020:AND 024:AGO 028:ATG 031:AZE 032:ARG 036:AUS
040:AUT 044:BHS 048:BHR 050:BGD 051:ARM 052:BRB 056:BEL 060:BMU 064:BTN 068:BOL 070:BIH
072:BWA 076:BRA 084:BLZ 086:IOT 090:SLB 092:VGB 096:BRN 100:BGR 104:MMR 108:BDI 112:BLR
116:KHM 120:CMR 124:CAN 132:CPV 136:CYM 140:CAF 144:LKA 148:TCD 152:CHL 156:CHN 158:TWN
170:COL 174:COM 178:COG 180:COD 184:COK 188:CRI 191:HRV 192:CUB 196:CYP 203:CZE 204:BEN
208:DNK 212:DMA 214:DOM 218:ECU 222:SLV 226:GNQ 231:ETH 232:ERI 233:EST 234:FRO 238:FLK
239:SGS 242:FJI 246:FIN 248:ALA 250:FRA 258:PYF 260:ATF 262:DJI 266:GAB 268:GEO 270:GMB
275:PSE 276:DEU 288:GHA 296:KIR 300:GRC 304:GRL 308:GRD 316:GUM 320:GTM 324:GIN 328:GUY
332:HTI 334:HMD 336:VAT 340:HND 344:HKG 348:HUN 352:ISL 356:IND 360:IDN 364:IRN 368:IRQ
372:IRL 376:ISR 380:ITA 384:CIV 388:JAM 392:JPN 398:KAZ 400:JOR 404:KEN 408:PRK 410:KOR
414:KWT 417:KGZ 418:LAO 422:LBN 426:LSO 428:LVA 430:LBR 434:LBY 438:LIE 440:LTU 442:LUX
446:MAC 450:MDG 454:MWI 458:MYS 462:MDV 466:MLI 470:MLT 478:MRT 480:MUS 484:MEX 492:MCO
496:MNG 498:MDA 499:MNE 500:MSR 504:MAR 508:MOZ 512:OMN 516:NAM 520:NRU 524:NPL 528:NLD
531:CUW 533:ABW 534:SXM 540:NCL 548:VUT 554:NZL 558:NIC 562:NER 566:NGA 570:NIU 574:NFK
578:NOR 580:MNP 583:FSM 584:MHL 585:PLW 586:PAK 591:PAN 598:PNG 600:PRY 604:PER 608:PHL
612:PCN 616:POL 620:PRT 624:GNB 626:TLS 630:PRI 634:QAT 642:ROU 643:RUS 646:RWA 652:BLM
654:SHN 659:KNA 660:AIA 662:LCA 663:MAF 666:SPM 670:VCT 674:SMR 678:STP 682:SAU 686:SEN
688:SRB 690:SYC 694:SLE 702:SGP 703:SVK 704:VNM 705:SVN 706:SOM 710:ZAF 716:ZWE 724:ESP
728:SSD 729:SDN 732:ESH 740:SUR 748:SWZ 752:SWE 756:CHE 760:SYR 762:TJK 764:THA 768:TGO
776:TON 780:TTO 784:ARE 788:TUN 792:TUR 795:TKM 796:TCA 800:UGA 804:UKR 807:MKD 818:EGY
826:GBR 831:GGY 832:JEY 833:IMN 834:TZA 840:USA 850:VIR 854:BFA 858:URY 860:UZB 862:VEN
876:WLF 882:WSM 887:YEM 894:ZMB
"""
NUMERIC = dict(pair.split(":") for pair in ISO_3166.split())
# Features of world-atlas without a numeric code. Somaliland and Northern Cyprus have none in
# ISO 3166-1; Kosovo's is user-assigned. None: not drawn, or drawn as a contested area only.
UNNUMBERED = {
    "Kosovo": "XKX",
    "Somaliland": "X_SOMALILAND",
    "N. Cyprus": None,
    "Siachen Glacier": None,
    "Indian Ocean Ter.": None,
}
# Territories drawn with the state that they belong to.
PART_OF = {"ALA": "FIN", "HKG": "CHN", "MAC": "CHN", "FRO": "DNK", "GGY": "GBR", "JEY": "GBR"}
PART_OF |= {"IMN": "GBR"}
LEFT_OUT = {"ATA"}
NAMES = {
    "BIH": "Bosnia and Herzegovina",
    "CAF": "Central African Republic",
    "COD": "Democratic Republic of the Congo",
    "DOM": "Dominican Republic",
    "ESH": "Western Sahara",
    "GNQ": "Equatorial Guinea",
    "SSD": "South Sudan",
    "SWZ": "Eswatini",
    "X_SOMALILAND": "Somaliland",
}
# Crimea is a polygon of its own inside Natural Earth's shape of Russia: the one around Simferopol.
SIMFEROPOL = (34.10, 44.95)
# (issue of contested.csv, label, longitude, latitude): where a marker stands.
MARKERS = [
    ("crimea", "Crimea and Sevastopol", 34.1, 45.2),
    ("donbas_south", "Donetsk region", 37.8, 48.0),
    ("donbas_south", "Luhansk region", 39.0, 48.9),
    ("donbas_south", "Zaporizhzhia region", 35.8, 47.2),
    ("donbas_south", "Kherson region", 33.6, 46.6),
    ("abkhazia_so", "Abkhazia", 41.0, 43.0),
    ("abkhazia_so", "South Ossetia", 43.97, 42.3),
    ("transnistria", "Transnistria", 29.5, 47.2),
    ("karabakh", "Nagorno-Karabakh", 46.75, 39.82),
    ("kosovo", "Kosovo", 20.9, 42.6),
    ("cyprus_north", "Northern Cyprus", 33.4, 35.3),
    ("aegean", "Aegean islets, shelf, airspace", 25.6, 38.2),
    ("golan", "Golan Heights", 35.8, 33.0),
    ("west_bank_gaza", "West Bank and East Jerusalem", 35.25, 32.0),
    ("west_bank_gaza", "Gaza", 34.4, 31.45),
    ("shebaa", "Shebaa Farms and Ghajar", 35.7, 33.3),
    ("kashmir", "Jammu and Kashmir", 75.0, 34.2),
    ("kashmir", "Aksai Chin", 79.3, 35.2),
    ("kashmir", "Shaksgam", 76.8, 36.0),
    ("arunachal", "Arunachal Pradesh / Zangnan", 94.5, 28.1),
    ("taiwan", "Taiwan", 121.0, 23.8),
    ("senkaku", "Senkaku / Diaoyu", 123.5, 25.75),
    ("kurils", "Southern Kurils / Northern Territories", 146.8, 44.4),
    ("dokdo", "Dokdo / Takeshima", 131.87, 37.24),
    ("scs", "Paracel Islands", 112.0, 16.5),
    ("scs", "Spratly Islands", 114.0, 9.5),
    ("scs", "Scarborough Shoal", 117.76, 15.15),
    ("korea", "Korean peninsula", 127.2, 38.3),
    ("abu_musa", "Abu Musa and the Tunbs", 55.1, 26.0),
    ("durand", "Durand Line", 69.8, 33.2),
    ("fergana", "Kyrgyz-Tajik border", 70.6, 40.0),
    ("arm_aze_border", "Armenian-Azerbaijani border and enclaves", 45.6, 40.2),
    ("doklam", "Doklam and other border areas", 89.0, 27.3),
    ("kalapani", "Kalapani, Lipulekh, Limpiyadhura", 80.95, 30.2),
    ("gibraltar", "Gibraltar", -5.35, 36.14),
    ("sabah", "Sabah", 117.0, 5.4),
    ("durra", "Durra / Arash gas field", 49.3, 28.9),
]
# Contested areas that are a feature of Natural Earth: (issue, label, name in world-atlas).
AREAS = [
    ("kosovo", "Kosovo", "Kosovo"),
    ("cyprus_north", "Northern Cyprus", "N. Cyprus"),
    ("west_bank_gaza", "West Bank, East Jerusalem, Gaza", "Palestine"),
    ("kashmir", "Siachen Glacier", "Siachen Glacier"),
    ("taiwan", "Taiwan", "Taiwan"),
]


def decode(topology: dict[str, Any]) -> list[Floats]:
    """Return the arcs as arrays of longitude and latitude: undo quantisation and differences."""
    scale = np.array(topology["transform"]["scale"])
    shift = np.array(topology["transform"]["translate"])
    return [continuous(np.cumsum(np.array(a), axis=0) * scale + shift) for a in topology["arcs"]]


def continuous(points: Floats) -> Floats:
    """Undo the jump from 180 to -180 degrees where a line crosses the antimeridian."""
    return np.column_stack([np.unwrap(points[:, 0], period=360.0), points[:, 1]])


def simplify(points: Floats, threshold: float) -> Floats:
    """Drop the point with the smallest triangle until all triangles exceed the threshold.

    Ends stay; a closed arc keeps at least four points. Longitudes shrink with the cosine of the
    latitude, so that high latitudes are not kept too fine.
    """
    least = 4 if np.array_equal(points[0], points[-1]) else 2
    keep = points
    while len(keep) > least:
        a, b, c = keep[:-2], keep[1:-1], keep[2:]
        across = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (
            b[:, 1] - a[:, 1]
        )
        area = np.abs(across) / 2 * np.cos(np.radians(b[:, 1]))
        smallest = int(np.argmin(area))
        if area[smallest] >= threshold:
            break
        keep = np.delete(keep, smallest + 1, axis=0)
    return keep


def arcs_of(geometry: dict[str, Any]) -> list[list[list[int]]]:
    """Return the polygons of a geometry as lists of rings of arc numbers."""
    if geometry["type"] == "Polygon":
        return [geometry["arcs"]]
    if geometry["type"] == "MultiPolygon":
        polygons: list[list[list[int]]] = geometry["arcs"]
        return polygons
    return []


def ring(numbers: list[int], arcs: list[Floats]) -> Floats:
    """Join arcs to a ring; a negative number ~k is arc k backwards."""
    pieces = [arcs[~k][::-1] if k < 0 else arcs[k] for k in numbers]
    return continuous(np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])]))


def area(points: Floats) -> float:
    """Return the area of a ring in square degrees, longitudes shrunk by latitude."""
    x = points[:, 0] * np.cos(np.radians(points[:, 1]))
    y = points[:, 1]
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2


def contains(points: Floats, place: tuple[float, float]) -> bool:
    """Return whether a place lies inside a ring (even-odd rule)."""
    x, y = place
    a, b = points[:-1], points[1:]
    above = (a[:, 1] > y) != (b[:, 1] > y)
    at = a[above, 0] + (y - a[above, 1]) / (b[above, 1] - a[above, 1]) * (b[above, 0] - a[above, 0])
    return int(np.sum(at > x)) % 2 == 1


def unbroken(code: str, points: Floats) -> Floats:
    """Move a polygon by full turns to the side of the antimeridian on which its state lies.

    Chukotka gets longitudes above 180 and the western Aleutians below -180, so that a map
    centred on Eurasia has no line across it.
    """
    middle = float(points[:, 0].mean())
    if code in ("RUS", "FJI", "NZL", "KIR", "TUV"):
        turns = 1.0 if middle < -30 else -1.0 if middle > 330 else 0.0
    else:
        turns = -1.0 if middle > (100 if code == "USA" else 180) else 1.0 if middle < -190 else 0.0
    moved: Floats = points + np.array([360.0 * turns, 0.0])
    return moved


def rounded(points: Floats) -> Ring:
    """Round coordinates and drop points that fall onto the one before."""
    out: Ring = []
    for x, y in np.round(points, DECIMALS).tolist():
        if not out or [x, y] != out[-1]:
            out.append([x, y])
    return out


def shape(polygons: list[list[Floats]], smallest: float) -> list[Polygon]:
    """Return the polygons worth drawing, largest first; the largest is always drawn."""
    ordered = sorted(polygons, key=lambda rings: -area(rings[0]))
    chosen = [ordered[0], *(p for p in ordered[1:] if area(p[0]) >= smallest)]
    out = [[rounded(points) for points in rings] for rings in chosen]
    out = [[r for r in rings if len(r) >= 4] for rings in out]
    return [rings for rings in out if rings]


def feature(code: str, properties: dict[str, str], polygons: list[Polygon]) -> dict[str, Any]:
    """Return a GeoJSON feature."""
    geometry = {"type": "MultiPolygon", "coordinates": polygons}
    return {"type": "Feature", "id": code, "properties": properties, "geometry": geometry}


def write(path: Path, features: list[dict[str, Any]]) -> None:
    """Write a GeoJSON file with one feature a line, so that differences can be read."""
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(features)} features, {path.stat().st_size:,} bytes")


def main(source: Path) -> None:
    """Read a TopoJSON file of world-atlas and write both files."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    geometries = topology["objects"]["countries"]["geometries"]
    with (SCENARIO / "states.csv").open(encoding="utf-8", newline="") as lines:
        states = {row["state"]: row for row in csv.DictReader(lines)}

    def code_of(geometry: dict[str, Any]) -> str | None:
        if "id" not in geometry:
            return UNNUMBERED[geometry["properties"]["name"]]
        code = NUMERIC[geometry["id"]]
        return PART_OF.get(code, code)

    def role_of(code: str | None) -> str:
        return states[code]["role"] if code in states else "context"

    raw = decode(topology)
    area_names = {name for _, _, name in AREAS}
    fine: set[int] = set()
    for geometry in geometries:
        if role_of(code_of(geometry)) == "regional" or geometry["properties"]["name"] in area_names:
            fine.update(k if k >= 0 else ~k for p in arcs_of(geometry) for r in p for k in r)
    arcs = [simplify(arc, FINE if k in fine else COARSE) for k, arc in enumerate(raw)]

    shapes: dict[str, list[list[Floats]]] = {}
    names: dict[str, str] = {}
    named: dict[str, list[list[Floats]]] = {}
    crimea: list[list[Floats]] = []
    for geometry in geometries:
        code, name = code_of(geometry), geometry["properties"]["name"]
        polygons = [[ring(numbers, arcs) for numbers in p] for p in arcs_of(geometry)]
        named.setdefault(name, []).extend(polygons)
        if code is None or code in LEFT_OUT:
            continue
        for rings in polygons:
            if code == "RUS" and contains(rings[0], SIMFEROPOL):
                crimea.append(rings)
            else:
                shapes.setdefault(code, []).append([unbroken(code, points) for points in rings])
        if NUMERIC.get(geometry.get("id", ""), code) == code:
            names.setdefault(code, name)

    features = []
    for code in sorted(shapes):
        role = role_of(code)
        name = states[code]["name"] if code in states else NAMES.get(code, names[code])
        properties = {"code": code, "name": name, "role": role}
        if role != "context" or max(area(p[0]) for p in shapes[code]) >= ISLET["context"]:
            features.append(feature(code, properties, shape(shapes[code], ISLET[role])))
    write(OUT / "states.json", features)

    contested = []
    areas = [("crimea", "Crimea and Sevastopol", crimea)]
    areas += [(issue, label, named[name]) for issue, label, name in AREAS]
    for issue, label, polygons in areas:
        properties = {"issue": issue, "label": label}
        geometry = {"type": "MultiPolygon", "coordinates": shape(polygons, 0.0)}
        contested.append({"type": "Feature", "properties": properties, "geometry": geometry})
    for issue, label, lon, lat in MARKERS:
        properties = {"issue": issue, "label": label}
        point = {"type": "Point", "coordinates": [lon, lat]}
        contested.append({"type": "Feature", "properties": properties, "geometry": point})
    write(OUT / "contested.json", contested)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
