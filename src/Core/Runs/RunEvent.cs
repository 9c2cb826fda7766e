using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Services;

namespace Agora.Core.Runs;

/// <summary>What a decided run was, so that the deciding event says all of it.</summary>
public sealed record RunFacts(string ServiceId, string Provider, DateTimeOffset RequestedAt, AuditLine Line);

/// <summary>What has happened to a run, in the stream of its leaf. Closed; stored names stand in <see cref="RunCodec"/>.</summary>
public abstract record RunEvent : LeafEvent
{
    private RunEvent()
    {
    }

    /// <summary>The run's price is held here; the user's limits are being asked under <paramref name="UserHold"/>.</summary>
    /// <param name="VoidAfter">Deadline of everything: after it the run is voided and a late answer dropped.</param>
    /// <param name="FundHold">The fund that most likely pays is being asked at the same time, under this: <paramref name="Guess"/> or <paramref name="Wallet"/>, or null as both.</param>
    /// <param name="OwnFund">The agent's wallet pays where no sponsor does.</param>
    /// <param name="FeeBasisPoints">What the platform keeps of what is spent.</param>
    /// <param name="InputHash">Of rows of earlier releases: see <see cref="HashOfInput"/>.</param>
    /// <param name="Memo">No service is run: the agent pays wallet <paramref name="Provider"/>, with this.</param>
    /// <param name="Category">The service's, as the scopes were asked for it; null in rows of earlier releases.</param>
    /// <param name="HoldsAbove">Seed of the ids of its holds at the sessions above; null where there are none, and in rows of earlier releases, where it is the run's id.</param>
    /// <param name="Asked">An agent is asked for it, which says its reply where the one that asks reads it.</param>
    /// <param name="Model">The service is a model, and this is asked of it.</param>
    /// <param name="Cache">The output of an equal run will do; null: the service is called.</param>
    public sealed record Requested(
        Guid RunId,
        Guid UserHold,
        string ServiceId,
        long PriceMicros,
        string Provider,
        string? Owner,
        string InputHash,
        DateTimeOffset VoidAfter,
        AuditLine Line,
        Guid? FundHold = null,
        Candidate? Guess = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Metered = false,
        string? Wallet = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool OwnFund = false,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int FeeBasisPoints = 0,
        string? Memo = null,
        string? Category = null,
        Guid? HoldsAbove = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Asked = false,
        ModelCall? Model = null,
        CacheWish? Cache = null) : RunEvent
    {
        /// <summary>What was asked for could be guessed at by its hash, so that is sealed. Null where no duplicate is looked for.</summary>
        [JsonIgnore]
        public Personal? SealedHash { get; init; }

        /// <summary>Empty where no duplicate is looked for, and after the user's personal data were erased.</summary>
        public string HashOfInput => SealedHash?.Read<string>() ?? InputHash;
    }

    /// <summary>The user named a fund that was not guessed, and it is being asked. Lost in a crash it is found again by the fund's inquiry.</summary>
    /// <param name="Leaves">The fund that was asked before may hold something for this run: it is told to void it.</param>
    public sealed record FundChosen(
        Guid RunId,
        Guid FundHold,
        Candidate Campaign,
        string Why,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Leaves = false) : RunEvent;

    /// <summary>No sponsor pays, and the agent's wallet is being asked. Lost in a crash it is found again by the wallet's inquiry.</summary>
    /// <param name="Leaves">As of <see cref="FundChosen"/>.</param>
    public sealed record WalletChosen(
        Guid RunId,
        Guid FundHold,
        string Wallet,
        string Why,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Leaves = false) : RunEvent;

    /// <summary>All hold the most that it can cost, and whoever asked for it may call the model now: from here on it is not known that nothing was sent, until it says so.</summary>
    /// <param name="UserNodes">As of <see cref="SettlementBegun"/>.</param>
    /// <param name="Why">Server text: why the campaign pays that was guessed; null: none was, or an event before says so.</param>
    /// <param name="SchemaHash">As of <see cref="PendingRun.SchemaHash"/>.</param>
    public sealed record CallBegun(Guid RunId, string? UserNodes, string? Why = null, string? SchemaHash = null) : RunEvent;

    /// <summary>The run has its output, and its payer's wallet is told to settle the payment by x402: from here on only that wallet's answer decides it.</summary>
    /// <param name="UserNodes">The user's limits that hold the price, as of <see cref="PendingRun.UserNodes"/>.</param>
    /// <param name="ServedBy">As of <see cref="Concluded"/>.</param>
    public sealed record SettlementBegun(Guid RunId, long AmountMicros, int Attempts, string? UserNodes, string? ServedBy = null) : RunEvent
    {
        [JsonIgnore]
        public Personal? Output { get; init; }
    }

    /// <summary>The one place where a run is concluded. Posted: the price is spent; else all of it is free again.</summary>
    /// <param name="FailureCode">With Posted false: why, as one of our codes.</param>
    /// <param name="By">The operator who cancelled it; null: nobody did, or its agent.</param>
    /// <param name="Reason">What that operator said, sealed.</param>
    /// <param name="ServedBy">The agent that was chosen for the service's skill, and did it; null: none was chosen.</param>
    /// <param name="Near">Caps that were nearly used up when the run held its price, with it: part of the answer only. Null: none was, or whoever said so was forgotten in a crash.</param>
    /// <param name="Model">What was spent at a model, as whoever asked for it says, or because it is gone; null: it is no run of a model, or ended before anybody said so.</param>
    /// <param name="Cached">Another run's output is the answer, and nobody was called; null: its service was.</param>
    /// <param name="IsOfInput">The service refused the input: the same input would be refused again. False in rows of earlier releases.</param>
    public sealed record Concluded(
        Guid RunId,
        RunFacts Run,
        bool Posted,
        long AmountMicros,
        Payment? Payment,
        string? FailureCode,
        string? FailureMessage,
        Budget BudgetAfter,
        int Attempts,
        string? By = null,
        string? Reason = null,
        IReadOnlyList<NearLimit>? Near = null,
        string? ServedBy = null,
        CalledModel? Model = null,
        CacheHit? Cached = null,
        [property: JsonPropertyName("of_input"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsOfInput = false) : RunEvent
    {
        /// <summary>If Posted, the output. Else the tool's own words about the failure, as a JSON string; null if there are none.</summary>
        [JsonIgnore]
        public Personal? Output { get; init; }

        /// <summary>Why there is no whole answer. Null if there is one. A failed call of a model can have been paid (<see cref="Posted"/>).</summary>
        public string? WhyFailed => FailureCode ?? Model?.FailureCode;

        /// <summary>That a model read and wrote for it; null: none was called.</summary>
        /// <param name="call">As it was asked for; null: it was no model's.</param>
        public long? TokensOf(ModelCall? call) => Posted && call is not null ? Model?.TokensOf(call) : null;
    }

    /// <summary>Limits or funds refused before anything was called: the run did not happen, and its key stays free.</summary>
    /// <param name="WasApproved">The user had approved it: this is what came of it, and its key is used up.</param>
    /// <param name="AskedMicros">What was to be held; null in rows of earlier releases.</param>
    /// <param name="IsFirst">A cap refused it that had refused none of this session's runs that day (<see cref="CapHit"/>).</param>
    /// <param name="IsTentative">Less is asked for under the same id: this one stands in no list.</param>
    public sealed record Refused(
        Guid RunId,
        RunFacts Run,
        Rejection Reason,
        [property: JsonPropertyName("approved"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool WasApproved = false,
        long? AskedMicros = null,
        [property: JsonPropertyName("first"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsFirst = false,
        [property: JsonPropertyName("tentative"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsTentative = false) : RunEvent;

    // Approvals.

    /// <summary>The user's stream wants the user to approve the run first: nothing is held for it any more, and its request is kept.</summary>
    public sealed record AwaitsApproval(AwaitingRun Run) : RunEvent
    {
        /// <summary>Kept until then, sealed; null after the user's personal data were erased.</summary>
        [JsonIgnore]
        public Personal? Input { get; init; }
    }

    /// <summary>The user approved it: it begins anew, under its own id with fresh holds. The one place where a run is approved.</summary>
    /// <param name="Waited">As it had been asked for.</param>
    /// <param name="RaisedMicros">The session's budget is higher by this, as the user said.</param>
    public sealed record Approved(
        Requested Run, WaitingFacts Waited, string By, string? Reason, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long RaisedMicros = 0) : RunEvent;

    /// <summary>Answers whoever decided; that the run ended follows in the same row.</summary>
    public sealed record ApprovalAnswered(Guid RunId, ApprovalState Approval) : RunEvent;

    /// <summary>The end of a run that waited and does not begin: it was denied or not decided in time, or approved when this session's budget had no room, or it was cancelled. It held nothing and called nobody.</summary>
    /// <param name="By">Null: time, the end of its session, or its agent.</param>
    /// <param name="RaisedMicros">As of <see cref="Approved"/>, for a model's call: whoever asked for it asks anew.</param>
    public sealed record WaitEnded(
        Guid RunId,
        RunFacts Run,
        WaitingFacts Waited,
        ApprovalState Approval,
        Rejection Outcome,
        string? By,
        string? Reason,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long RaisedMicros = 0) : RunEvent;

    /// <summary>A node follows the decision: its hold is closed there. Earlier releases wrote one a hold.</summary>
    public sealed record NodeFollowed(Guid RunId, Guid HoldId) : RunEvent;

    /// <summary>Every node that had to be told of the run follows: these holds are closed.</summary>
    public sealed record NodesFollowed(Guid RunId, IReadOnlyList<Guid> Holds) : RunEvent;

    /// <summary>A hold that no run of this session owns (its request never became durable): void for ever.</summary>
    public sealed record HoldDisowned(Guid RunId, Guid HoldId) : RunEvent;
}
