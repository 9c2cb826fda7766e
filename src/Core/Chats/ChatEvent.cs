using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Chats;

/// <summary>Closed union of what happens to a chat. What was said is sealed with the user's key, and goes with it.</summary>
public abstract record ChatEvent
{
    private ChatEvent()
    {
    }

    public sealed record Begun(string AgentId) : ChatEvent;

    /// <summary>As of <see cref="ChatTurn"/>.</summary>
    public sealed record Asked(int Number, Guid Id, int After, string SessionId, string Model, int? Repeats = null) : ChatEvent
    {
        /// <summary>Null: it repeats another's, or the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Content { get; init; }
    }

    public sealed record Replying(int Number, Guid RunId) : ChatEvent;

    public sealed record Deleted : ChatEvent;
}
