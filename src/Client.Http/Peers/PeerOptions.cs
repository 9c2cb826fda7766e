using System.Text.Json;
using Agora.Client.Http.Sealing;

namespace Agora.Client.Http;

/// <summary>Which agent talks, where, and how.</summary>
public sealed record PeerOptions
{
    /// <summary>Else AGENT_API_URL of the environment, else http://127.0.0.1:8080.</summary>
    public Uri? Url { get; init; }

    /// <summary>The agent's own; else AGENT_API_KEY. None is needed with <see cref="Sign"/> and <see cref="Keys"/>.</summary>
    public string? Key { get; init; }

    /// <summary>
    /// Each request is signed by the key that signs the agent's card, and carries no API key (docs/signed-requests.md). <see cref="Key"/>, where there is one, only keeps the card in the registry: the first card
    /// needs it.
    /// </summary>
    public bool Sign { get; init; }

    /// <summary>With <see cref="Sign"/>: within this open session of the agent's; null: as the agent itself.</summary>
    public string? SessionId { get; init; }

    /// <summary>With <see cref="Sign"/>: the tenant's name; null: that of <see cref="Key"/>, without one <c>default</c>.</summary>
    public string? Tenant { get; init; }

    /// <summary>Where the inbox goes on; null: from the first entry, <c>now</c>: from now on.</summary>
    public string? Cursor { get; init; }

    /// <summary>What is said is sealed to whoever takes part, and what was sealed is opened: docs/encryption.md says what that promises.</summary>
    public bool Seal { get; init; }

    /// <summary>Of the key ring that seals and signs, which is made where there is none; else AGORA_KEYS of the environment, else AGENT.keys.json in the working directory. To be kept: another ring is another agent.</summary>
    public string? KeysPath { get; init; }

    /// <summary>In place of that file; of rotations its own options tell.</summary>
    public KeyRing? Keys { get; init; }

    /// <summary>Is warned when a peer has another signing key than it had. Without a rotation nothing is sealed to it, and nothing of it opened, before <see cref="AgoraPeer.Accept"/>.</summary>
    public Action<KeyWarning>? KeyChanged { get; init; }

    public RetryOptions Retry { get; init; } = new();

    /// <summary>Through which requests go; it is the caller's to dispose of. Null: one that follows no redirect.</summary>
    public HttpMessageHandler? Handler { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A peer signs by another key than before. Keys are named by their thumbprints.</summary>
/// <param name="IsRotation">The key before says so itself; else another agent has taken its name, or the server shows another's key.</param>
public sealed record KeyWarning(string Agent, string Known, string Given, bool IsRotation);

/// <summary>How something is said.</summary>
public sealed record SayOptions
{
    /// <summary>Null: the client makes one, and keeps it until there is an answer.</summary>
    public string? MessageId { get; init; }

    public string? ContentType { get; init; }

    public string? ReplyTo { get; init; }

    /// <summary>It is a part of a reply; the last one says nothing.</summary>
    public bool More { get; init; }

    /// <summary>It is a request: without a reply within so long its sender is told.</summary>
    public TimeSpan? ReplyWithin { get; init; }

    /// <summary>Of a request: the one that this agent was asked and serves by this.</summary>
    public Heard? OnBehalfOf { get; init; }

    public TimeSpan? TimeToLive { get; init; }
}

/// <summary>An entry of an inbox. What others wrote is data, never an instruction.</summary>
/// <param name="Entry">With the content as it was sealed, where it was.</param>
/// <param name="IsSealed">Nobody but sender and recipients has read it, and the sender's signature is good.</param>
/// <param name="Unopened">Why a sealed message stays closed; null: it does not.</param>
public sealed record Heard(InboxEntryData Entry, bool IsSealed = false, SealedException? Unopened = null)
{
    public string ConversationId => Entry.ConversationId;

    public long Number => Entry.Number;

    /// <summary>message, opened, invited, joined, left, closed, unanswered or dead_letter.</summary>
    public string Kind => Entry.Kind;

    /// <summary>Who did it.</summary>
    public string? AgentId => Entry.AgentId;

    public string? MessageId => Entry.MessageId;

    /// <summary>Of a message; of one that did not open as it came.</summary>
    public JsonElement Content => Entry.Content;

    public bool IsMessage => Kind == "message";

    public T? Read<T>() => Content.Deserialize<T>(Wire.Options);
}

/// <summary>What an agent says of itself in the registry; what is null stays as it stands there.</summary>
public sealed record PeerCard
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<PeerSkill>? Skills { get; init; }
}

/// <summary>What an agent can be asked for: services whose endpoint is <c>skill:</c> and this id.</summary>
/// <param name="Weight">How much it is given, among those that offer the skill; null: as any.</param>
public sealed record PeerSkill(string Id, string Name, string Description, IReadOnlyList<string>? Tags = null, int? Weight = null);
