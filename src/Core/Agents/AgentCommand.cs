using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>
/// Closed union; answers: PutAgent, Get → <see cref="AgentView"/> (Get of one that nothing has happened to: not_found); IssueKey → <see cref="KeyIssued"/>; RevokeKey → <see cref="KeyRevoked"/> or not_found;
/// Stop, Start → <see cref="AgentView"/>; ListKeys → <see cref="AgentKeysView"/> or not_found; VerifyKey → <see cref="KeyAccepted"/>, unauthorized, or session_suspended where the agent is stopped (a query; constant time).
/// </summary>
public abstract record AgentCommand
{
    private AgentCommand()
    {
    }

    /// <param name="Owner">Who is behind the agent; null: nobody says.</param>
    public sealed record PutAgent(string? Owner, Replacing? Replacing = null) : AgentCommand;

    public sealed record Get : AgentCommand;

    /// <param name="Hash">SHA-256 of the key's text, lower-case hex: the key itself is never stored.</param>
    /// <param name="ExpiresAt">Absolute, as the operator gave it; null: never.</param>
    /// <param name="UserId">The only user for whom it opens sessions; null: any.</param>
    public sealed record IssueKey(string Hash, DateTimeOffset? ExpiresAt, string? UserId = null) : AgentCommand;

    /// <summary>What it opened ends at every user, before the answer.</summary>
    public sealed record RevokeKey(string KeyId) : AgentCommand;

    /// <summary>The agent acts for nobody until it is started again: every user at whom it has live sessions is told, before the answer.</summary>
    public sealed record Stop(string Reason) : AgentCommand;

    public sealed record Start(string Reason) : AgentCommand;

    public sealed record VerifyKey(string Hash) : AgentCommand;

    public sealed record ListKeys : AgentCommand;

    /// <summary>Every user was told, or one was out of reach. Own command.</summary>
    internal sealed record Told(Guid CommandId, bool Reached) : AgentCommand;

    public sealed record Tick : AgentCommand;
}

/// <param name="Dropped">Of the answer to a put: members that lost their values to it.</param>
public sealed record AgentView(
    string AgentId,
    string? Owner,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Stopped = false,
    IReadOnlyList<string>? Dropped = null)
{
    public string Etag => EntityTags.Of(Owner ?? "");
}

public sealed record KeyIssued(string KeyId, DateTimeOffset? ExpiresAt, string? UserId = null);

/// <summary>Its keys, the newest first; of those that open nothing any more the newest alone (<see cref="AgentState"/>).</summary>
public sealed record AgentKeysView(string AgentId, IReadOnlyList<AgentKeyView> Keys);

/// <param name="Fingerprint">The first characters of the hash of the key's text: whoever has the text can tell which one it is, and whoever has this has nothing.</param>
public sealed record AgentKeyView(string KeyId, string Fingerprint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, bool Live, string? UserId = null);

public sealed record KeyRevoked(string KeyId, DateTimeOffset RevokedAt);

/// <param name="Revision">Of the agent's standing: it runs, as of this one.</param>
/// <param name="UserId">The only user for whom it opens sessions; null: any.</param>
public sealed record KeyAccepted(
    string KeyId,
    DateTimeOffset? ExpiresAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Revision = 0,
    string? UserId = null);
