using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Responses;

/// <summary>Closed union of what happens to a reply that is kept. What was asked and said is sealed with the user's key, and goes with it.</summary>
public abstract record ResponseEvent
{
    private ResponseEvent()
    {
    }

    /// <param name="CachedAs">The id of the cache entry that has the same reply for equal requests. Null if none has it.</param>
    public sealed record Begun(string SessionId, string AgentId, string Model, DateTimeOffset CreatedAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CachedAs = null) : ResponseEvent
    {
        /// <summary>Null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Asked { get; init; }
    }

    public sealed record Said(int Number) : ResponseEvent
    {
        /// <summary>Null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Part { get; init; }
    }

    public sealed record Ended(string? FailureCode) : ResponseEvent;

    public sealed record Deleted : ResponseEvent;
}
