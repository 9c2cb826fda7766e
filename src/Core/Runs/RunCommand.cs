using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Services;
using Agora.Core.Wallets;
using Agora.X402;

namespace Agora.Core.Runs;

/// <summary>What a run needs to know of its service.</summary>
/// <param name="PriceMicros">The most that a run costs; what it costs, unless <paramref name="Metered"/>.</param>
/// <param name="Agent">The agent that it is; null: none.</param>
/// <param name="Asked">An agent is asked for it, this one or another that offers the skill.</param>
/// <param name="Once">As of one that is asked, nobody promises that the same run, called for again after a crash, is done once: it is a tool.</param>
/// <param name="IsModel">Whoever asks calls it, and says what was spent: see <see cref="ModelCall"/>.</param>
public sealed record ServiceTerms(
    string ServiceId, string Category, long PriceMicros, string Provider, string? Owner, bool Disabled, bool Metered = false, string? Agent = null, bool Asked = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Once = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsModel = false)
{
    /// <summary>What a metered run may cost is the service's to bound, and the request's.</summary>
    public long HeldFor(long? maxPriceMicros) => Metered && maxPriceMicros < PriceMicros ? maxPriceMicros.Value : PriceMicros;
}

/// <summary>What the catalogue says of a service at a moment.</summary>
/// <param name="Terms">Null: there is no such service (or not active).</param>
public sealed record Listing(ServiceTerms? Terms);

/// <summary>Who is to pay for a run. Not said: sponsors and, where the request names the most that it may cost, the agent's wallet after them.</summary>
public enum PayWith
{
    Sponsor = 1,
    Wallet = 2,
    X402 = 3,
}

/// <summary>
/// Closed union of what a leaf is asked for its runs; the session has admitted the request by then.
/// Answers: RunService → <see cref="RunView"/> (a run that failed is a rejection upstream_failed, upstream_timeout or unavailable, with its run_id; one that waits for approval is a
/// RunView). Transfer → <see cref="RunView"/> without output. Cancel → <see cref="RunView"/> of a run that this cancelled; the session's view where the run is not under way: what was
/// decided is in the tables; or run_decided (its payment is being settled). DecideApproval → <see cref="ApprovalGiven"/>, also when it was decided the same way before; or approval_decided
/// (approval), not_found, session_suspended, unavailable.
/// </summary>
public abstract record RunCommand : LeafCommand
{
    private RunCommand()
    {
    }

    /// <param name="Service">Null: no such service (or not active).</param>
    /// <param name="NamedCampaignId">The campaign that must pay; <paramref name="NamedFound"/> says whether it exists.</param>
    /// <param name="NamedRelated">It has the service's owner, and pays no such service.</param>
    /// <param name="PayWith">Wallet: no campaign is a candidate.</param>
    /// <param name="Candidates">Campaigns that cover the service, cheapest knowledge first; the user's stream orders and filters them.</param>
    /// <param name="Paid">By x402, whoever else might pay; there are no candidates then.</param>
    /// <param name="Unpaid">It is to be paid by x402, and this is why it is not: refused when nothing earlier in the order refuses.</param>
    /// <param name="InputHash">SHA-256 hex of the canonical input: what a duplicate is.</param>
    /// <param name="Model">The service is a model, and this is what is asked of it.</param>
    /// <param name="Waited">It was let in where others wait for room: whoever did not goes behind them.</param>
    /// <param name="Ask">Of a model's call: its session's user is asked, where that may be, for nothing smaller would pass.</param>
    /// <param name="Cache">The output of an equal run will do; null: the service is called.</param>
    public sealed record RunService(
        RequestInfo Request,
        string ServiceId,
        ServiceTerms? Service,
        Personal Input,
        string InputHash,
        string? NamedCampaignId,
        bool NamedFound,
        long? MaxPriceMicros,
        IReadOnlyList<Candidate> Candidates,
        bool Keyed,
        PayWith? PayWith = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool NamedRelated = false,
        PresentedPayment? Paid = null,
        Rejection? Unpaid = null,
        ModelCall? Model = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Waited = false,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Ask = false,
        CacheWish? Cache = null) : RunCommand
    {
        /// <summary>What is to be held; null: there is no such service.</summary>
        internal long? HeldMicros => Model?.BoundMicros ?? Service?.HeldFor(MaxPriceMicros);
    }

    /// <summary>Pays another wallet out of the agent's own, within all limits.</summary>
    /// <param name="PayeeKnown">The edge found somebody whose wallet it is, or that something has happened to it; what goes to any other is lost for its sender.</param>
    public sealed record Transfer(RequestInfo Request, string To, long AmountMicros, string Memo, bool PayeeKnown) : RunCommand;

    /// <summary>The user's decision about a run that waits for it.</summary>
    /// <param name="By">Who said so: an operator by name, or whoever had the link.</param>
    /// <param name="Listed">The run's service by now; null: it is a transfer, or a release asks that did not look, and the service counts as it was.</param>
    public sealed record DecideApproval(Guid RunId, bool Approve, string By, string? Reason, Listing? Listed = null) : RunCommand;

    /// <summary>The run is taken back, while its session decides it.</summary>
    /// <param name="Request">An agent's; null: an operator does it, <paramref name="By"/> name, at <paramref name="Endpoint"/>.</param>
    public sealed record Cancel(Guid RunId, RequestInfo? Request, string? By = null, string? Endpoint = null, string? Reason = null) : RunCommand;

    /// <summary>What came of a model's call, by whoever made it. Answers: <see cref="RunView"/>, or the rejection with which the run failed; not_found where no call of it is under way.</summary>
    /// <param name="Caller">As it had asked: the same request may come to others too, and what one of them did not send another may have.</param>
    public sealed record EndCall(Guid RunId, Guid Caller, ModelCallEnd End) : RunCommand;

    /// <summary>These calls go on: whoever makes them says so while it does (<see cref="Limits.ModelCallTold"/>). Answers: <see cref="CallsKnown"/>, those of them that are still under way here.</summary>
    public sealed record CallsGoOn(IReadOnlyList<Guid> RunIds) : RunCommand;

    // Own commands: outcomes of steps. Nobody outside can send them: they have no codec.

    /// <summary>Runs have ended, and somebody waits for room.</summary>
    internal sealed record RoomLooked : RunCommand;

    /// <summary>Whether whoever calls a model is still there: a restart, or an alarm, asks.</summary>
    internal sealed record CallSought(Guid RunId) : RunCommand;

    /// <param name="Asked">What the user's stream was asked first; null: for the next fund.</param>
    internal sealed record UserAnswered(Guid RunId, Guid HoldId, StepOutcome Outcome, Personal Input, ReserveTerms.OfUser? Asked = null, PresentedPayment? Paid = null) : RunCommand;

    /// <param name="Place">Of the ancestor on the path.</param>
    internal sealed record AncestorAnswered(Guid RunId, Guid HoldId, int Place, StepOutcome Outcome, Personal Input) : RunCommand;

    internal sealed record FundAnswered(Guid RunId, Guid HoldId, StepOutcome Outcome, Personal Input) : RunCommand;

    /// <param name="SchemaHash">As of <see cref="PendingRun"/>.</param>
    internal sealed record ServiceAnswered(Guid RunId, StepOutcome Outcome, string? SchemaHash) : RunCommand;

    /// <summary>The payer's wallet says how the settlement ended.</summary>
    internal sealed record PaymentEnded(Guid RunId, PaymentEnd End) : RunCommand;

    internal sealed record NodeTold(Guid RunId, Guid HoldId) : RunCommand;

    /// <summary>A restart, or the deadline, left a run without anybody working on it.</summary>
    internal sealed record RunAbandoned(Guid RunId) : RunCommand;

    /// <summary>A run has waited for its approval as long as it may, or its session has ended.</summary>
    internal sealed record EndApproval(Guid RunId) : RunCommand;
}
