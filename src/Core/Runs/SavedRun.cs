using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Runs;

/// <summary>A run under way in a snapshot: what of its stage is not soft follows from which of these are there.</summary>
internal sealed record SavedRun(
    Guid RunId,
    Guid UserHold,
    Guid? FundHold,
    Candidate? Campaign,
    string? Why,
    string ServiceId,
    long PriceMicros,
    string Provider,
    string? Owner,
    DateTimeOffset RequestedAt,
    DateTimeOffset VoidAfter,
    AuditLine Line,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Metered = false,
    string? Wallet = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool OwnFund = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int FeeBasisPoints = 0,
    string? Memo = null,
    SavedSettling? Settling = null,
    DateTimeOffset? ApprovedAt = null,
    Guid? HoldsAbove = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Asked = false,
    ModelCall? Model = null,
    SavedCalling? Calling = null)
{
    public PendingRun Run => new(
        RunId, UserHold, Whole, ServiceId, PriceMicros, Provider, Owner, RequestedAt, VoidAfter,
        Line, Metered, OwnFund, FeeBasisPoints, Memo, ApprovedAt, HoldsAbove, Asked, Model);

    private RunStage Whole =>
        Settling is { } s ? new RunStage.Settling(Stage, s.AmountMicros, s.Attempts, s.UserNodes, s.Output, s.ServedBy)
        : Calling is { } c ? new RunStage.Calling(Stage, c.At, c.UserNodes, c.Why, c.SchemaHash)
        : Stage;

    private RunStage Stage =>
        FundHold is not { } hold ? new RunStage.Asking(Guess: null)
        : Why is null ? new RunStage.Asking(new RunStage.FundAsked(hold, Campaign, Wallet))
        : new RunStage.Chosen(new(hold, Campaign, Wallet), Why);

    public static SavedRun Of(PendingRun run) => new(
        run.RunId, run.UserHold, run.FundHold, run.Campaign, run.Why, run.ServiceId, run.PriceMicros, run.Provider, run.Owner, run.RequestedAt, run.VoidAfter,
        run.Line, run.Metered, run.Wallet, run.OwnFund, run.FeeBasisPoints, run.Memo,
        run.Settling is { } s ? new(s.AmountMicros, s.Attempts, s.UserNodes, s.Output, s.ServedBy) : null, run.ApprovedAt, run.HoldsAbove, run.Asked,
        run.Model, run.Calling is { } c ? new(c.At, c.UserNodes, c.Why, c.SchemaHash) : null);
}

internal sealed record SavedCalling(DateTimeOffset At, string? UserNodes, string? Why = null, string? SchemaHash = null);

internal sealed record SavedSettling(long AmountMicros, int Attempts, string? UserNodes, Personal? Output, string? ServedBy = null);

/// <summary>Runs that wait for approval, and those that waited, in a snapshot: absent where there are none.</summary>
internal static class SavedApprovals
{
    public static IReadOnlyList<SavedAwaiting>? Awaiting(Approvals approvals) =>
        approvals.Awaiting.IsEmpty ? null : [.. approvals.Awaiting.Values.Select(run => new SavedAwaiting(run, run.Input))];

    public static IReadOnlyList<SavedWaited>? Waited(Approvals approvals) => approvals.Waited.IsEmpty ? null : [.. approvals.Waited.Select(w => new SavedWaited(w.Key, w.Value))];

    public static Approvals Restored(IReadOnlyList<SavedAwaiting>? awaiting, IReadOnlyList<SavedWaited>? waited) => new(
        ImmutableSortedDictionary.CreateRange((awaiting ?? []).Select(a => KeyValuePair.Create(a.Run.RunId, a.Run with { Input = a.Input }))),
        ImmutableSortedDictionary.CreateRange((waited ?? []).Select(w => KeyValuePair.Create(w.RunId, w.Approval))));
}

internal sealed record SavedAwaiting(AwaitingRun Run, Personal? Input);

internal sealed record SavedWaited(Guid RunId, ApprovalState Approval);
