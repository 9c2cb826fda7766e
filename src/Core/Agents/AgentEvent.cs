namespace Agora.Core.Agents;

/// <summary>Closed union of what happens to an agent and its keys.</summary>
public abstract record AgentEvent
{
    private AgentEvent()
    {
    }

    public sealed record AgentPut(AgentView View) : AgentEvent;

    public sealed record KeyIssued(string KeyId, string Hash, DateTimeOffset? ExpiresAt) : AgentEvent;

    public sealed record KeyRevoked(string KeyId, DateTimeOffset RevokedAt) : AgentEvent;
}
