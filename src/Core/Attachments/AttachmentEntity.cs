using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Attachments.AttachmentState, Agora.Core.Attachments.AttachmentEvent>;

namespace Agora.Core.Attachments;

/// <summary>
/// A file that a person gives to a model, by the hash of its bytes: so the same file is kept once, and what was said with it stays what it was. It is its agent's and its user's, is sealed with the user's key, and goes with it.
/// </summary>
public static class AttachmentEntity
{
    public const string Kind = Kinds.Attachment;

    public static readonly UnionCodec<AttachmentEvent> Events = new UnionCodec<AttachmentEvent>().Case<AttachmentEvent.Kept>("attachment.kept", personal: e => e.Bytes, with: (e, bytes) => e with { Bytes = bytes });

    public static readonly UnionCodec<AttachmentCommand> Commands = new UnionCodec<AttachmentCommand>().Case<AttachmentCommand.Keep>("attachment.keep").Case<AttachmentCommand.Tick>("attachment.tick");

    public static Entity<AttachmentState, AttachmentCommand, AttachmentEvent> Entity { get; } = new(Kind)
    {
        Events = Events,
        Commands = Commands,
        Answers = new UnionCodec<object>().Case<AttachmentView>("answer.attachment"),
        Snapshots = new(1, static s => JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.View), StoredJson.Options), Restore),
        Initial = static stream => new AttachmentState(stream, null),
        Decide = Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (_, _) => { },
        Rows = static (_, _, _) => [],
        Recall = static (_, _) => null, // told by the state: what was done once changes nothing again
        PersonalKey = static state => state.PersonalKey,
        Tick = new AttachmentCommand.Tick(),
    };

    private static Decided Decide(AttachmentState state, AttachmentCommand command, Context context) => command switch
    {
        AttachmentCommand.Tick => Decided.Accept(Nothing.Value),
        AttachmentCommand.Keep when state.View is { } known => Decided.Accept(known),
        AttachmentCommand.Keep c => Kept(state, new(c.MediaType, c.Length) { Bytes = c.Bytes }, context),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    private static Decided Kept(AttachmentState state, AttachmentEvent.Kept kept, Context context) => Decided.Accept(state.Evolve(kept, context.Now).View!, kept);

    private static AttachmentState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.View);
    }

    private sealed record Saved(string Stream, AttachmentView? View);
}

/// <param name="View">Null: nothing is kept under its hash.</param>
public sealed record AttachmentState(StreamId Stream, AttachmentView? View)
{
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, OwnedIds.UserOf(Stream.Id));

    public AttachmentState Evolve(AttachmentEvent happened, DateTimeOffset at) => happened switch
    {
        AttachmentEvent.Kept e => this with { View = new(AttachmentIds.HashOf(Stream.Id), e.MediaType, e.Length, at) },
        _ => throw new UnreachableException(happened.GetType().Name),
    };
}

/// <param name="Hash">SHA-256 of its bytes, in lower-case hexadecimal digits.</param>
/// <param name="Length">In bytes.</param>
public sealed record AttachmentView(string Hash, string MediaType, int Length, DateTimeOffset KeptAt);

/// <summary>Closed union; each is answered with <see cref="AttachmentView"/>.</summary>
public abstract record AttachmentCommand
{
    private AttachmentCommand()
    {
    }

    /// <summary>The same hash again is the same attachment, of the type that was said first.</summary>
    /// <param name="Bytes">As base64, in a JSON string.</param>
    public sealed record Keep(string MediaType, int Length, Personal Bytes) : AttachmentCommand;

    public sealed record Tick : AttachmentCommand;
}

/// <summary>Closed union of what happens to an attachment.</summary>
public abstract record AttachmentEvent
{
    private AttachmentEvent()
    {
    }

    public sealed record Kept(string MediaType, int Length) : AttachmentEvent
    {
        /// <summary>Null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Bytes { get; init; }
    }
}

/// <summary>Ids of attachments: the hash of the bytes, of the agents that it belongs to, and the user.</summary>
public static class AttachmentIds
{
    public const int HashLength = 64;
    private const int AgentLength = 16;

    /// <param name="agentId">The agents on the path of its session, root first, with &gt; between.</param>
    public static string Of(string hash, string agentId, string userId) => OwnedIds.Of($"{hash}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(agentId)))[..AgentLength]}", userId);

    public static string HashOf(string id) => id.Length > HashLength ? id[..HashLength] : id;

    public static bool IsHash(string text) => text.Length == HashLength && !text.AsSpan().ContainsAnyExcept("0123456789abcdef");
}
