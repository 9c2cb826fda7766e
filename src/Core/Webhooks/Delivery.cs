using System.Text.Json.Serialization;

namespace Agora.Core.Webhooks;

/// <summary>Where an event stands in its stream: the row, and which of the row's events it is.</summary>
public readonly record struct Place(long Seq, int Index) : IComparable<Place>
{
    public Place Following() => this with { Index = Index + 1 };

    public int CompareTo(Place other) => Seq != other.Seq ? Seq.CompareTo(other.Seq) : Index.CompareTo(other.Index);
}

/// <summary>One try to tell an endpoint something, and what it answered.</summary>
/// <param name="EventId">The same with each try.</param>
/// <param name="Stream">Whose event it is; and in order of whose events it is told.</param>
/// <param name="Attempt">1 is the first.</param>
/// <param name="Status">Null: there was no answer.</param>
/// <param name="Error">One of <see cref="DeliveryErrors"/>; null: it was taken.</param>
/// <param name="Answer">The first bytes of what it said; where it was told of a user, sealed with the user's key.</param>
public sealed record Delivery(
    string EventId,
    string Type,
    string Stream,
    Place Place,
    DateTimeOffset HappenedAt,
    DateTimeOffset SentAt,
    int Attempt,
    int? Status,
    int TookMs,
    string? Error = null,
    string? Answer = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool GivenUp = false)
{
    public bool IsTaken => Error is null;
}

/// <summary>Something that is sent because an operator asked.</summary>
/// <param name="Stream">Whose event it is; null: it is a test.</param>
public sealed record PendingSend(Guid CommandId, string EventId, DateTimeOffset AskedAt, string? Stream = null, Place Place = default);

/// <summary>A span that is told again: [Since, Until].</summary>
/// <param name="Back">Where the feed is followed from when it is over; null: from the first row.</param>
public sealed record WebhookReplay(DateTimeOffset Since, DateTimeOffset Until, string? Back = null);

/// <summary>Why a try failed; names are stored and shown.</summary>
public static class DeliveryErrors
{
    public const string Status = "status";
    public const string Redirect = "redirect";
    public const string Timeout = "timeout";
    public const string Connection = "connection";
    public const string Tls = "tls";
    public const string Refused = "refused";
    public const string Malformed = "malformed";

    /// <summary>A fail-over has cut off what was to be sent.</summary>
    public const string Gone = "gone";
}

/// <summary>A subject that waits: its events from a place on have not been taken yet. They stay in its stream; this says where.</summary>
/// <param name="UpTo">The last of its rows that were met meanwhile; what comes later is met when the feed is read that far.</param>
/// <param name="Attempts">Of the first event.</param>
/// <param name="Since">When that failed for the first time.</param>
public sealed record WaitingSubject(string Stream, Place From, long UpTo, int Attempts, DateTimeOffset Since, DateTimeOffset NextAt);
