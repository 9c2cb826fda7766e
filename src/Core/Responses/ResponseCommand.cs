using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Responses;

/// <summary>How a reply that is kept stands.</summary>
/// <param name="ResponseId">The id of its run.</param>
/// <param name="AgentId">Whose it is: the agents on its session's path, root first, with &gt; between.</param>
/// <param name="Parts">So many were said; each stands in a row of its own or with others, in order.</param>
/// <param name="EndedAt">Null: it goes on, or whoever made it is gone.</param>
/// <param name="FailureCode">Why it is no whole reply, as one of our codes; null: it is one, or goes on.</param>
/// <param name="IsDeleted">It is not shown any more.</param>
public sealed record ResponseView(
    string ResponseId, string SessionId, string UserId, string AgentId, string Model, int Parts, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt = null, string? FailureCode = null, bool IsDeleted = false);

/// <summary>Closed union; each is answered with <see cref="ResponseView"/>, or not_found, or idempotency_conflict where another reply has this id.</summary>
public abstract record ResponseCommand
{
    private ResponseCommand()
    {
    }

    /// <param name="CreatedAt">As whoever makes it says it to its client: read again, it says the same.</param>
    /// <param name="Asked">The request as it came.</param>
    /// <param name="Whole">All that was said, of a reply that is kept when it is over; null: it begins.</param>
    /// <param name="CachedAs">As in <see cref="ResponseEvent.Begun"/>.</param>
    public sealed record Begin(string SessionId, string AgentId, string Model, DateTimeOffset CreatedAt, Personal Asked, Personal? Whole = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CachedAs = null) : ResponseCommand;

    /// <param name="Number">Of this part, from 0 on: one that was said is not said again.</param>
    public sealed record Say(int Number, Personal Said) : ResponseCommand;

    /// <param name="FailureCode">As of the view.</param>
    public sealed record End(string? FailureCode) : ResponseCommand;

    public sealed record Delete : ResponseCommand;

    public sealed record Get : ResponseCommand;

    public sealed record Tick : ResponseCommand;
}

/// <summary>Why a reply that is kept is not had.</summary>
public static class ResponseRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such response, or it was not kept: it is kept where store is true.");

    public static Rejection Other { get; } = new(Codes.IdempotencyConflict, "Another response has this id.");

    public static Rejection IsOver { get; } = new(Codes.RunDecided, "The response is over: nothing more is said.");

    public static Rejection OutOfOrder { get; } = new(Codes.Unavailable, "A part came before another that is missing.", Retry: true);
}
