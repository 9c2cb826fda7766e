namespace Agora.Core.Agents;

/// <summary>Closed union; answers: PutAgent, Get → <see cref="AgentView"/> (Get of one that nothing has happened to: not_found); IssueKey → <see cref="KeyIssued"/>; RevokeKey → <see cref="KeyRevoked"/> or not_found; VerifyKey → <see cref="KeyAccepted"/> or unauthorized (a query; constant time).</summary>
public abstract record AgentCommand
{
    private AgentCommand()
    {
    }

    /// <param name="Owner">Who is behind the agent; null: nobody says.</param>
    public sealed record PutAgent(string? Owner) : AgentCommand;

    public sealed record Get : AgentCommand;

    /// <param name="Hash">SHA-256 of the key's text, lower-case hex: the key itself is never stored.</param>
    /// <param name="ExpiresAt">Absolute, as the operator gave it; null: never.</param>
    public sealed record IssueKey(string Hash, DateTimeOffset? ExpiresAt) : AgentCommand;

    public sealed record RevokeKey(string KeyId) : AgentCommand;

    public sealed record VerifyKey(string Hash) : AgentCommand;

    public sealed record Tick : AgentCommand;
}

public sealed record AgentView(string AgentId, string? Owner, DateTimeOffset UpdatedAt);

public sealed record KeyIssued(string KeyId, DateTimeOffset? ExpiresAt);

public sealed record KeyRevoked(string KeyId, DateTimeOffset RevokedAt);

public sealed record KeyAccepted(string KeyId);
