using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.X402;

namespace Agora.Core.Nodes;

/// <summary>Closed union: what a node wants to know of a hold besides its amount, by the node's kind.</summary>
public abstract record ReserveTerms
{
    private ReserveTerms()
    {
    }

    /// <summary>Holds a run's price on every limit of a user (and, of one who is counted, where none stands) and one run of the first candidate that is completed and has room.</summary>
    /// <param name="Named">The request named its campaign: no other is tried.</param>
    /// <param name="Above">Of a delegated session: the agents of the sessions above, root first. The grant to the first of them binds, and none may be suspended.</param>
    /// <param name="OwnFund">The agent pays where no sponsor does: the limits are held all the same.</param>
    /// <param name="ServiceId">Which service is run, and of which <paramref name="Category"/>, for the user's caps of these; null: none is, or a release that does not say asks.</param>
    /// <param name="Approved">The user has approved this run. That was decided in the stream of its session, which is the only one to say so: it decides this run
    /// anyway, and whoever could forge its word could as well post without asking. What is held on it before that decision is durable is voided by the inquiry.</param>
    /// <param name="Unfunded">No fund is asked for it: the limits are held all the same.</param>
    public sealed record OfUser(
        string AgentId, IReadOnlyList<Candidate> Candidates, bool Named, IReadOnlyList<string>? Above = null, bool OwnFund = false, bool Approved = false,
        string? ServiceId = null, string? Category = null, bool Unfunded = false) : ReserveTerms
    {
        /// <summary>The agent under whose grant the run is paid.</summary>
        public string Grantee => Above is { Count: > 0 } ? Above[0] : AgentId;
    }

    /// <summary>Holds a run's price of a session below on the budget of one above.</summary>
    /// <param name="Branch">The child of the session asked through which the run comes.</param>
    /// <param name="Tokens">That a model's call may read and write at most; null: no model is called.</param>
    public sealed record OfSession(string Branch, long? Tokens = null) : ReserveTerms;

    /// <param name="Provider">Wallet that is paid when the hold is posted.</param>
    /// <param name="Attributes">JSON list of the user's attributes; null: the user's personal data were erased.</param>
    /// <param name="FeeBasisPoints">Of what is posted, for the fee's wallet.</param>
    public sealed record OfCampaign(string ServiceId, string Provider, Personal? Attributes, int FeeBasisPoints = 0, string? ServiceOwner = null) : ReserveTerms;

    /// <param name="Provider">Wallet that is paid when the hold is posted.</param>
    /// <param name="FeeBasisPoints">Of what is posted, for the fee's wallet.</param>
    /// <param name="Memo">The payee's statement shows this payment for itself, with it; null: it is one of many runs.</param>
    /// <param name="Paid">Not the balance pays, but this payment by x402, which is settled when the run has its output.</param>
    public sealed record OfWallet(string Provider, int FeeBasisPoints = 0, string? Memo = null, PresentedPayment? Paid = null) : ReserveTerms;
}

/// <summary>A campaign that may pay for a run, as the catalogue knows it; the user's stream decides which is asked, in which order.</summary>
/// <param name="NeedsAttributes">It is not for everyone: it can be asked only with the user's attributes, so not before the user's stream has answered.</param>
public sealed record Candidate(
    string CampaignId,
    string Sponsor,
    int RunsPerCompletion,
    long? MaxMicrosPerUser,
    DateTimeOffset? EndsAt,
    string? Owner = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool NeedsAttributes = false);
