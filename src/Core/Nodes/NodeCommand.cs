using System.Text.Json.Serialization;
namespace Agora.Core.Nodes;

/// <summary>
/// Closed union of what whoever holds money, or a limit, is asked: by the owner of a hold, by the payment of a refund, by a fund that pays, and, of its own
/// holds, by a node. Each entity carries it in one case of its own commands. Which of them a kind takes, and under which stored names,
/// stands in <see cref="NodeCodec"/>; what is answered, in <see cref="NodeAnswer"/>.
/// </summary>
public abstract record NodeCommand
{
    private NodeCommand()
    {
    }

    /// <summary>Holds an amount under an id that is new and young; the same id again is answered as before.</summary>
    /// <param name="Owner">The stream that alone says how the hold ends, and is asked about it.</param>
    /// <param name="RunId">What the owner knows it by: a run, or a refund.</param>
    /// <param name="Terms">What a node of this kind wants to know besides.</param>
    public sealed record Reserve(Guid HoldId, string Owner, Guid RunId, long AmountMicros, ReserveTerms Terms) : NodeCommand;

    /// <summary>From the owner: the hold ends spent, for at most what it held.</summary>
    /// <param name="Tokens">Of a session: that a model's call read and wrote.</param>
    public sealed record Post(Guid HoldId, long AmountMicros, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Tokens = 0) : NodeCommand;

    /// <summary>From the owner: the hold ends unspent; one that has not come never will.</summary>
    public sealed record Void(Guid HoldId) : NodeCommand;

    /// <summary>Of a limit, from whoever would hold this much and was refused: it is answered when there is room, in its turn, or when it has waited so long (<see cref="WaitingRoom"/>).</summary>
    public sealed record AwaitRoom(long AmountMicros, int Seconds, ReserveTerms Terms) : NodeCommand;

    /// <summary>Of an owner, from a node with an overdue hold. Void is answered only after a fenced append there.</summary>
    public sealed record Inquire(Guid RunId, Guid HoldId) : NodeCommand;

    /// <summary>Of a user, from a campaign that holds something for a claim or completion and has heard nothing more. Void is answered only after a fenced append there.</summary>
    public sealed record InquireReward(string CampaignId, Guid Id) : NodeCommand;

    /// <summary>Of a limit, from a payment's stream: so much of what the run cost was given back, and counts less.</summary>
    /// <param name="Accounts">Of a user: which of its limits, parted by spaces, as the payment names them.</param>
    public sealed record TakeRefund(Guid TellId, Guid RunId, long AmountMicros, string? Accounts = null) : NodeCommand;

    /// <summary>Of a limit, from a payment's stream: it will not ask about this telling again.</summary>
    public sealed record ReleaseRefund(Guid TellId) : NodeCommand;

    /// <summary>
    /// Of a fund: money arrives. Each source numbers its transfers to this payee without a gap and has one under way at a time, so that each is applied exactly
    /// once, for ever, in bounded memory: a number ≤ the last is answered again and changes nothing; a gap is a broken invariant.
    /// </summary>
    /// <param name="Source">Stream id of the sender.</param>
    /// <param name="Transfer">A source that is not remembered begins with a young one only. Without a time of sending, as of a process of the release before, it is not young.</param>
    public sealed record Credit(string Source, Transfer Transfer) : NodeCommand;

    /// <summary>Of a fund, from a source that has paid nothing for a while, and knows durably that its last transfer had arrived by then.</summary>
    public sealed record ForgetSource(string Source, long Number, DateTimeOffset ArrivedAt) : NodeCommand;

    /// <summary>Of a fund: somebody waits for what it owes to this payee, so that is sent now. Answered when it is under way.</summary>
    public sealed record PayNow(string Payee) : NodeCommand;
}

/// <summary>Closed union of what came of a node's own questions. It has no stored name: nobody else can say so.</summary>
public abstract record NodeOutcome
{
    private NodeOutcome()
    {
    }

    /// <summary>What the owner answered about an overdue hold.</summary>
    public sealed record HoldInquired(Guid HoldId, bool Posted, long AmountMicros, long Tokens = 0) : NodeOutcome;

    /// <summary>The owner answered about an overdue hold how long it stays open.</summary>
    public sealed record HoldStaysOpen(Guid HoldId, int ForSeconds) : NodeOutcome;

    /// <summary>Holds have ended, or somebody has waited long enough.</summary>
    public sealed record RoomLooked : NodeOutcome;

    /// <summary>The payee has the transfer.</summary>
    public sealed record TransferArrived(string Payee, long Number) : NodeOutcome;

    /// <summary>The payee did not take the transfer, and never will under its time of sending.</summary>
    public sealed record TransferLate(string Payee, long Number) : NodeOutcome;

    /// <summary>What is owed to the payee has waited long enough, or may not wait any more.</summary>
    public sealed record PayoutDue(string Payee) : NodeOutcome;

    /// <summary>The payee remembers this fund no more.</summary>
    public sealed record PayeeReleased(string Payee, long Number) : NodeOutcome;
}
