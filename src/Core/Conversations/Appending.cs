using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>What a writer of a stream says at once.</summary>
/// <param name="MessageId">Of the first message; behind that of another stands which it is.</param>
/// <param name="Contents">None: it only closes.</param>
/// <param name="Order">Its writer's own place: what is said with one that does not sort behind the last is refused. Null: it has none.</param>
/// <param name="Producer">By which a repeat is known; null: it is not.</param>
public sealed record Appending(string MessageId, string ContentType, IReadOnlyList<Personal> Contents, bool Closes = false, string? Order = null, ProducerMark? Producer = null);

/// <summary>What a producer says is numbered from 0, anew in each of its epochs: of an agent that began anew, what the former still sends is refused.</summary>
public sealed record ProducerMark(string Id, long Epoch, long Seq);

/// <summary>A producer as its conversation knows it: one agent's, by the number that was said last.</summary>
public sealed record Producer(string AgentId, ProducerMark Last)
{
    /// <summary>An agent's id has no line end.</summary>
    public string Key => KeyOf(AgentId, Last.Id);

    public static string KeyOf(string agentId, string id) => $"{agentId}\n{id}";
}
