import tests.fuzz.test_openapi as t
from schemathesis import GenerationMode
t.EXAMPLES={GenerationMode.POSITIVE: 120, GenerationMode.NEGATIVE: 40}
from tests.fuzz.test_openapi import *
from tests.deployed.fixtures import stack
