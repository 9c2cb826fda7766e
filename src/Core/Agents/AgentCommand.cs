namespace Agora.Core.Agents;

/// <summary>Closed union; answers: IssueKey → <see cref="KeyIssued"/>; RevokeKey → <see cref="KeyRevoked"/> or not_found; VerifyKey → <see cref="KeyAccepted"/> or unauthorized (a query; constant time).</summary>
public abstract record AgentCommand
{
    private AgentCommand()
    {
    }

    /// <param name="Hash">SHA-256 of the key's text, lower-case hex: the key itself is never stored.</param>
    /// <param name="ExpiresAt">Absolute, as the operator gave it; null: never.</param>
    public sealed record IssueKey(string Hash, DateTimeOffset? ExpiresAt) : AgentCommand;

    public sealed record RevokeKey(string KeyId) : AgentCommand;

    public sealed record VerifyKey(string Hash) : AgentCommand;

    public sealed record Tick : AgentCommand;
}

public sealed record KeyIssued(string KeyId, DateTimeOffset? ExpiresAt);

public sealed record KeyRevoked(string KeyId, DateTimeOffset RevokedAt);

public sealed record KeyAccepted(string KeyId);
