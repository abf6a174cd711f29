"""Lines in the formats of the three national ones, written for these tests; their codes are invented."""

from __future__ import annotations


def conso(code: str, kind: str, name: str, source: str = "RXNORM", suppress: str = "N") -> str:
    """A line of RXNCONSO.RRF."""
    return f"{code}|ENG||||||A{code}|{code}|{code}||{source}|{kind}|{code}|{name}||{suppress}|4096|\n"


def rel(first: str, second: str, relation: str) -> str:
    """A line of RXNREL.RRF: the second concept is ``relation`` of the first."""
    return f"{first}||CUI|RO|{second}||CUI|{relation}|||RXNORM|RXNORM||||4096|\n"


CONSO = [
    conso("9001", "IN", "captopril"),
    conso("9002", "IN", "hydrochlorothiazide"),
    conso("9003", "IN", "losartan"),
    conso("9004", "MIN", "hydrochlorothiazide / losartan"),
    conso("9005", "BN", "Hyzaar"),
    conso("9006", "BN", "Kapto"),
    conso("9007", "IN", "zilurine"),
    conso("9008", "BN", "Zantrex"),
    conso("9009", "SCD", "captopril 25 MG Oral Tablet"),
    conso("9010", "IN", "captopril", source="MTHSPL"),
    conso("9011", "IN", "nadolol", suppress="O"),
]
REL = [
    rel("9002", "9005", "tradename_of"),
    rel("9003", "9005", "tradename_of"),
    rel("9001", "9006", "tradename_of"),
    rel("9006", "9001", "has_tradename"),
    rel("9007", "9008", "tradename_of"),
]

_NDC_COLUMNS = (
    "PRODUCTID PRODUCTNDC PRODUCTTYPENAME PROPRIETARYNAME PROPRIETARYNAMESUFFIX NONPROPRIETARYNAME "
    "DOSAGEFORMNAME ROUTENAME STARTMARKETINGDATE ENDMARKETINGDATE MARKETINGCATEGORYNAME APPLICATIONNUMBER "
    "LABELERNAME SUBSTANCENAME ACTIVE_NUMERATOR_STRENGTH ACTIVE_INGRED_UNIT PHARM_CLASSES DEASCHEDULE "
    "NDC_EXCLUDE_FLAG LISTING_RECORD_CERTIFIED_THROUGH"
).split()


def product(ndc: str, substances: str, schedule: str = "") -> str:
    """A line of product.txt."""
    cells = dict.fromkeys(_NDC_COLUMNS, "")
    cells |= {"PRODUCTNDC": ndc, "SUBSTANCENAME": substances, "DEASCHEDULE": schedule}
    return "\t".join(cells.values()) + "\r\n"


PRODUCTS = [
    "\t".join(_NDC_COLUMNS) + "\r\n",
    product("0000-0001", "MEPERIDINE HYDROCHLORIDE", "CII"),
    product("0000-0002", "GABAPENTIN"),
    product("0000-0003", "LISINOPRIL", "CV"),
    product("0000-0004", "LISINOPRIL", "CIV"),
    product("0000-0005", "ACETAMINOPHEN; CODEINE PHOSPHATE", "CV"),
    product("0000-0006", "ZILURINE SODIUM"),
]

FILLS = [
    "DUPERSID,RXNAME,RXDRGNAM,RXNDC,PERWT23F\n",
    *["1,KAPTO,CAPTOPRIL,00000000101,1000.5\n"] * 3,
    *["2,ZANTREX,ZILURINE,00000000102,2000\n"] * 12,
    *["3,RAREX,RARE DRUG,00000000103,10\n"] * 12,
    *["4,ODD,ZILUTONE,00000000104,10\n"] * 2,
    "5,-15,-15,-15,100\n",
    '6,"HYZAAR, OLD",HYDROCHLOROTHIAZIDE-LOSARTAN,00000000105,500\n',
]
