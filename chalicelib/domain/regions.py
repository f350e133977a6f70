"""The regions whose public holidays are known: countries, and the cantons and Länder that have some of their own."""

_CANTONS = "AG AI AR BE BL BS FR GE GL GR JU LU NE NW OW SG SH SO SZ TG TI UR VD VS ZG ZH"
_LAENDER = "BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH"

REGIONS = frozenset(
    {"CH", "DE", "AT", "LI", "FR", "IT"}
    | {f"CH-{canton}" for canton in _CANTONS.split()}
    | {f"DE-{land}" for land in _LAENDER.split()}
)
