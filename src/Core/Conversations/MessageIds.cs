using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>
/// By what a message is known again. Its id is its sender's choice. A UUIDv7 (RFC 9562) says when it was made, so its conversation remembers it for <see cref="TalkLimits.RepeatedWithin"/>, and refuses it later: that
/// costs nothing. Any other id is kept by the journal, as an idempotency key is.
/// </summary>
public static class MessageIds
{
    /// <summary>Of the command that says it: the same of the same message of the same agent in the same conversation. Null: the id says no time.</summary>
    public static Guid? CommandOf(string tenant, string conversationId, string from, string messageId) =>
        TimeOf(messageId) is { } made ? Ids.Derive(made, Ids.FromKey(tenant, CredentialOf(conversationId, from), messageId), 0) : null;

    /// <summary>When it was made; null: it does not say.</summary>
    public static DateTimeOffset? TimeOf(string messageId) => Guid.TryParseExact(messageId, "D", out var id) && Ids.IsVersion7(id) ? Ids.TimeOf(id) : null;

    /// <summary>The namespace of an agent's other message ids in a conversation.</summary>
    public static string CredentialOf(string conversationId, string from) => $"message:{conversationId}:{from}";
}
