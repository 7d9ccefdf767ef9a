"""Every kind of entry, each payload beside its rule."""

from collections.abc import Callable

from ledger.kinds.authority import Constitution, RoleChange
from ledger.kinds.awarding import Allocation, Commitment, Payment, Return, TimeWorked
from ledger.kinds.controlling import Freeze, PeriodClose, Reopen, Reversal, Unfreeze
from ledger.kinds.deciding import BallotsSealed, Counted, Ratification, RoundOpened, RulesFrozen
from ledger.kinds.devolving import Clawback, Devolution, Secondment, Terms
from ledger.kinds.erasing import Erasure
from ledger.kinds.overriding import Override
from ledger.kinds.payload import Payload
from ledger.kinds.prototyping import Prototype, PrototypeDecision, Reflection
from ledger.kinds.purse import HelpGiven, Virement
from ledger.kinds.risk_calls import RiskCall, RiskDecision, RiskGain
from ledger.kinds.risking import RiskAgreement, RiskReserve, RiskSignature
from ledger.kinds.sharing import DataSharing
from ledger.kinds.signing import Signature
from ledger.records import Kind

PAYLOADS: dict[Kind, type[Payload]] = {
    payload.kind: payload
    for payload in (
        Constitution, RoleChange, Devolution, Secondment, Terms, RoundOpened, RulesFrozen, BallotsSealed, Counted,
        Ratification, Allocation, Commitment, Payment, TimeWorked, Virement, HelpGiven, Return, Clawback, Freeze,
        Unfreeze, PeriodClose, Reopen, Reversal, Erasure, Override, Signature,
        RiskAgreement, RiskSignature, RiskReserve, RiskDecision, RiskCall, RiskGain,
        Prototype, Reflection, PrototypeDecision, DataSharing,
    )
}  # fmt: skip

# The validators alone: entries are read by the million, and each step between costs as much as a field.
FIELDS: dict[Kind, Callable[[object], Payload]] = {
    kind: payload.__pydantic_validator__.validate_python for kind, payload in PAYLOADS.items()
}
