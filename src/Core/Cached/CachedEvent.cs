using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Cached;

/// <summary>Closed union. The reply is sealed with the user's key, and goes with it.</summary>
public abstract record CachedEvent
{
    private CachedEvent()
    {
    }

    public sealed record Claimed(Guid RunId, string SessionId) : CachedEvent;

    public sealed record Filled(Guid RunId, long CostMicros) : CachedEvent
    {
        /// <summary>Null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Reply { get; init; }
    }

    public sealed record Released(Guid RunId) : CachedEvent;
}
