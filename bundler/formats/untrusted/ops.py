"""Which TensorFlow ops an untrusted graph may hold: those that only compute.

TensorFlow has 1,900 ops and gains some with each release. Ops without state compute, families
that touch the world aside; of ops with state, inference needs the few listed here.
"""

from __future__ import annotations

import re
from functools import cache

# What is said of an op -> the names that it is said of. The first match counts.
FAMILIES: dict[str, re.Pattern[str]] = {
    "runs Python": re.compile(r"PyFunc"),
    "runs code from outside the graph": re.compile(
        r"^(Xla(CustomCall|CallModule|Launch|HostCompute)|TfLiteSubgraphExecute|RemoteCall)"
    ),
    "talks to other processes": re.compile(
        r"Rpc|^_?(Host)?(Send|Recv)$|^Collective|^_?Nccl|^DataService|DTensor|^TPU|^_?XlaSend|"
        r"^_?XlaRecv|GetSession(Handle|Tensor)|WorkerHeartbeat|^(Copy|Relayout).*(Mesh|Like)"
    ),
    "reads or writes files": re.compile(
        r"File|Restore|^Save|^DistributedSave|Reader|Reading|^MergeV2|Summary|LoadAndRemap|"
        r"^ImmutableConst|^RecordInput|Dataset|Iterator|^(Decode|Encode)Proto|^Skipgram|^Debug|"
        r"^Dump|^ImportEvent|^Copy(Host)?$|CalibrationStatistics|^CustomAggregator|LMDB|Snapshot|"
        r"VocabRemapping"
    ),
    "prints": re.compile(r"^Print"),
}
# Named like those, but these compute.
HARMLESS = {"ShardedFilename", "ShardedFilespec", "Snapshot"}

STATEFUL = re.compile(
    r"""^(
    VarHandleOp | _VarHandlesOp | Variable(V2|Shape)? | VarIsInitializedOp | IsVariableInitialized
    | _?ReadVariables?Op | DisableCopyOnRead | Assign(Add|Sub)?VariableOp
    | Resource(Gather(Nd)? | Scatter\w+ | StridedSliceAssign) | DestroyResourceOp
    | TemporaryVariable | DeepCopy | Empty | GuaranteeConst | IsResourceHandleRefCounting
    | (Anonymous)?(Mutable)?(Dense)?HashTable(OfTensors)?(V2)? | LookupTable\w+
    | InitializeTableV2
    | Assert | CheckNumerics(V2)? | _Arg | _Retval | StubResourceHandleOp
    | (Stateful|Stateless)?PartitionedCall | _?If | _?While | Case
    | TensorArray\w* | Stack\w*
    | Random(Gamma|Poisson|PoissonV2|Shuffle|StandardNormal|Uniform|UniformInt|Crop)
    | TruncatedNormal | ParameterizedTruncatedNormal | Multinomial | NonDeterministicInts
    | Stateful(RandomBinomial|StandardNormal(V2)?|TruncatedNormal|Uniform(Int|FullInt)?)
    | Rng(ReadAndSkip|Skip) | StatelessRandomGetAlg
    | (Uniform|LogUniform|LearnedUnigram|ThreadUnsafeUnigram|All)CandidateSampler
    | SampleDistortedBoundingBox(V2)? | CudnnRNN\w* | DeviceIndex
    )$""",
    re.VERBOSE,
)


def reason(op: str, *, stateful: bool) -> str | None:
    """What an op does that no model should, or None for one that only computes."""
    if op in HARMLESS:
        return None
    for said, names in FAMILIES.items():
        if names.search(op):
            return said
    if stateful and not STATEFUL.match(op):
        return "does more than compute"
    return None


@cache
def is_stateful(op: str) -> bool | None:
    """Whether an op has state; None for one that TensorFlow does not have."""
    from tensorflow.python.framework import op_def_registry

    definition = op_def_registry.get(op)
    return None if definition is None else bool(definition.is_stateful)
