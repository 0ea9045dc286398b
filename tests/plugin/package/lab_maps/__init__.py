"""Photocurrent maps of one lab's microscope."""

from lab_maps.dark_spots import DARK_SHARE, UNIFORMITY, dark_spots
from lab_maps.photocurrent_map import PHOTOCURRENT_MAP
from lab_maps.scope_text import SCOPE_TEXT
from labdata.plugin import Plugin

PLUGIN = Plugin(
    contract=2,
    quantities=(DARK_SHARE, UNIFORMITY),
    techniques=(PHOTOCURRENT_MAP,),
    readers=(SCOPE_TEXT,),
    analyses=(dark_spots,),
)
