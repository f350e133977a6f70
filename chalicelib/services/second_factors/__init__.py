"""Second factors of staff: an app's codes, passkeys, and recovery codes for whoever has neither at hand.

`SecondFactors` sets them up and removes them, `SecondStep` asks for them when somebody signs in.
"""

from chalicelib.services.second_factors.managing import Factors, SecondFactors, Secret
from chalicelib.services.second_factors.signing_in import Given, SecondStep, kinds

__all__ = ["Factors", "Given", "SecondFactors", "SecondStep", "Secret", "kinds"]
