using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Memories;

/// <summary>Closed union of what happens in a book of memories. What a memory says and its vector are sealed with the user's key, and go with it.</summary>
public abstract record MemoryEvent
{
    private MemoryEvent()
    {
    }

    /// <param name="Bytes">Of the content, which the state does not have.</param>
    public sealed record Kept(Guid MemoryId, bool Pinned, int Bytes, string? Model, MemorySource? Source) : MemoryEvent
    {
        /// <summary>Null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Content { get; init; }
    }

    public sealed record Edited(Guid MemoryId, bool Pinned, int Bytes, string? Model) : MemoryEvent
    {
        /// <summary>Null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Content { get; init; }
    }

    public sealed record Moved(Guid MemoryId, bool Pinned) : MemoryEvent;

    public sealed record Forgotten(Guid MemoryId) : MemoryEvent;

    public sealed record Preferred(int Version, int Bytes) : MemoryEvent
    {
        /// <summary><see cref="ReplyPreferences"/>; null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Content { get; init; }
    }

    public sealed record Unpreferred(int Version) : MemoryEvent;
}

/// <summary>What a memory says, as it is sealed.</summary>
/// <param name="Vector">Where it points, a byte a dimension; null: no model has made one.</param>
public sealed record MemoryContent(string Text, byte[]? Vector);
