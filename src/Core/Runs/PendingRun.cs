using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Funds;
using Agora.Core.Nodes;
using Agora.Core.Services;

namespace Agora.Core.Runs;

/// <summary>A run that is under way.</summary>
public sealed record PendingRun(
    Guid RunId,
    Guid UserHold,
    [property: JsonIgnore] RunStage Stage,
    string ServiceId,
    long PriceMicros,
    string Provider,
    string? Owner,
    DateTimeOffset RequestedAt,
    DateTimeOffset VoidAfter,
    AuditLine Line,
    bool Metered = false,
    bool OwnFund = false,
    int FeeBasisPoints = 0,
    string? Memo = null,
    DateTimeOffset? ApprovedAt = null,
    Guid? HoldsAbove = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Asked = false,
    ModelCall? Model = null)
{
    public Guid? FundHold => Stage.Fund?.Hold;

    public Candidate? Campaign => Stage.Fund?.Campaign;

    public string? Wallet => Stage.Fund?.Wallet;

    /// <summary>Why this fund was chosen; null: it was guessed, or there is none.</summary>
    public string? Why => (Stage.AsAsked() as RunStage.Chosen)?.Why;

    /// <summary>Why the guessed campaign was named. Soft, but for a model's call.</summary>
    public string? WhyNamed => Calling?.Why ?? (Stage.AsAsked() as RunStage.Asking)?.Named?.Why;

    /// <summary>From here on only its payer's wallet decides it.</summary>
    public RunStage.Settling? Settling => Stage as RunStage.Settling;

    /// <summary>Whoever asked for it calls a model, and only what it says decides it, or that it is gone.</summary>
    public RunStage.Calling? Calling => Stage as RunStage.Calling;

    /// <summary>No fund is asked: limits count what is spent, and the operator pays its provider.</summary>
    public bool IsUnfunded => Model is { Charges: false };

    /// <summary>A payment by x402 pays, from its payer's wallet.</summary>
    public bool IsX402 => Wallet is { } wallet && WalletIds.IsX402(wallet);

    /// <summary>The agent pays another wallet; no service is run.</summary>
    public bool IsTransfer => Memo is not null;

    public RunFacts Facts => new(ServiceId, Provider, RequestedAt, Line);

    /// <summary>Soft: of the service, kept where the run has to wait for approval. A run that a crash left behind does not come to that.</summary>
    [JsonIgnore]
    public string? Category { get; init; }

    /// <summary>Soft: as of <see cref="RunEvent.Requested"/>. A run that a crash left behind, or that waited for approval, is not answered so.</summary>
    [JsonIgnore]
    public CacheWish? Cache { get; init; }

    /// <summary>Soft: one bit for each place of the path whose session holds the price.</summary>
    [JsonIgnore]
    public int Agreed { get; init; }

    /// <summary>Soft: the least that is left above this session, of those who have said; null: no limit there.</summary>
    [JsonIgnore]
    public long? AboveMicros { get; init; }

    /// <summary>Soft: caps above this session that are nearly used up with this run; null: none is, of those who have said.</summary>
    [JsonIgnore]
    public IReadOnlyList<NearLimit>? Near { get; init; }

    /// <summary>Soft: the user's limits that hold the price, as their accounts are named, parted by spaces; null: none.</summary>
    [JsonIgnore]
    public string? UserNodes { get; init; }

    /// <summary>Soft: hash of the schema that the paying campaign's task has.</summary>
    [JsonIgnore]
    public string? SchemaHash { get; init; }

    /// <summary>Soft: when whoever calls the model was last heard of, here.</summary>
    [JsonIgnore]
    public DateTimeOffset? HeardAt { get; init; }

    internal static PendingRun Of(RunEvent.Requested e, DateTimeOffset at) => new(
        e.RunId, e.UserHold, new RunStage.Asking(e.FundHold is { } hold ? new(hold, e.Guess, e.Wallet) : null), e.ServiceId, e.PriceMicros, e.Provider, e.Owner, at, e.VoidAfter, e.Line,
        e.Metered, e.OwnFund, e.FeeBasisPoints, e.Memo, HoldsAbove: e.HoldsAbove, Asked: e.Asked, Model: e.Model) { Category = e.Category, Cache = e.Cache };

    public static long? Least(long? known, long? told) => told is null || known < told ? known : told;
}
