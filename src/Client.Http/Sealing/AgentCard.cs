namespace Agora.Client.Http.Sealing;

/// <summary>What others need of an agent in order to seal to it and to know its signature. Nothing of it is secret.</summary>
/// <param name="SigningKey">Ed25519, 32 bytes in base64url.</param>
/// <param name="EpochKey">Which key messages are sealed to now: a statement by the signing key, or its card of the registry, so that nobody in between puts another in its place.</param>
/// <param name="Rotations">Statements that lead from earlier signing keys to this one, the oldest first.</param>
public sealed record AgentCard(string Agent, string SigningKey, string EpochKey, IReadOnlyList<string> Rotations)
{
    /// <summary>Of an agent that is registered, as <c>GET /agents/{agent_id}</c> answers.</summary>
    /// <exception cref="CardInvalidException">It was revoked.</exception>
    public static AgentCard Of(RegistrationData registered) => registered.Revocation is null
        ? new(registered.AgentId, registered.SigningKey.X, registered.Card, registered.Rotations)
        : throw new CardInvalidException(registered.AgentId, "it was revoked");
}

/// <summary>What a sealed message says, once it was opened and its signature is found good.</summary>
/// <param name="Recipients">All agents that it was sealed to, the sender among them: each has the same content.</param>
public sealed record Opened(string Sender, string ContentType, ReadOnlyMemory<byte> Content, IReadOnlyList<string> Recipients);

/// <summary>A peer signs by another key than before, and the one before says so. Keys are named by their thumbprints (RFC 7638).</summary>
public sealed record SigningKeyRotated(string Agent, string From, string To);
