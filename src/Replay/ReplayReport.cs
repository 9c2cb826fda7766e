namespace Agora.Replay;

/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="FirstUserId">Users before it, in the order of their ids' UTF-8 bytes, are passed over: how a truncated replay goes on.</param>
/// <param name="Offset">Of the refused runs in the answer.</param>
public sealed record ReplayRequest(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<PolicyChange> Changes, string? FirstUserId, int Offset, int Limit);

/// <param name="Refused">One page, by time.</param>
/// <param name="PaidMicros">What the refused runs really cost.</param>
/// <param name="LeftOut">Users whose history is longer than <see cref="Core.Kernel.Limits.ReplayUserRows"/>.</param>
/// <param name="NextUserId">Nothing of this user and those after it is in the answer: a bound of the replay was reached. Null: the answer is whole.</param>
public sealed record ReplayReport(
    int Users,
    int Sessions,
    int Runs,
    IReadOnlyList<RefusedRun> Refused,
    int RefusedCount,
    long PaidMicros,
    int NotKnown,
    IReadOnlyList<string> LeftOut,
    string? NextUserId);
