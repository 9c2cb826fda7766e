using System.Text.Json.Serialization;

namespace Agora.Core.Access;

/// <summary>
/// Closed union of what a session hears from its user's stream, which alone decides what it may do. Answers: Begin → the session's view, SetStanding → that it was taken.
/// The session carries it in one case of its own commands.
/// </summary>
public abstract record AccessCommand
{
    private AccessCommand()
    {
    }

    /// <summary>From the user's stream, which has decided what the session may do.</summary>
    /// <param name="Path">Of a delegated session: those above it, root first; their budgets bind it, and so does the grant to the root's agent.</param>
    /// <param name="KeyId">What opened it, or the session at its root: a key of the agent there, or the platform. Null: it may be any key's.</param>
    /// <param name="Revision">As of <see cref="SetStanding"/>: what the user's stream knew when it opened the session.</param>
    public sealed record Begin(
        string AgentId,
        string UserId,
        Scopes Scopes,
        long BudgetLimitMicros,
        int ExpiresInSeconds,
        IReadOnlyList<PathNode>? Path = null,
        string? KeyId = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Revision = 0) : AccessCommand;

    /// <summary>From the user's stream: the pair's suspension (ForSeconds null with Suspended: until resumed). Revisions only rise.</summary>
    /// <param name="Terms">What the session may do under the grant of today; null: no grant has taken anything from it.</param>
    /// <param name="Ended">It is over, and this is why (<see cref="EndReasons"/>).</param>
    public sealed record SetStanding(
        bool Suspended,
        long? ForSeconds,
        long Revision,
        TermsToday? Terms = null,
        string? Ended = null) : AccessCommand;
}

/// <param name="ExpiresInSeconds">Null: when the session was to expire from the first.</param>
public sealed record TermsToday(Scopes Scopes, long BudgetLimitMicros, int? ExpiresInSeconds);

/// <summary>Why a user's stream ended a session; stored, and shown in its audit.</summary>
public static class EndReasons
{
    public const string KeyRevoked = "key_revoked";
    public const string GrantEnded = "grant_ended";
    public const string UserErased = "user_erased";
    public const string Replaced = "replaced";
}
