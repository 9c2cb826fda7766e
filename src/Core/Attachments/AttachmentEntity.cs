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

    public static readonly UnionCodec<AttachmentEvent> Events = new UnionCodec<AttachmentEvent>().Case<AttachmentEvent.Kept>("attachment.kept", personal: e => e.Bytes, with: (e, bytes) => e with { Bytes = bytes }).Case<AttachmentEvent.Brought>("attachment.brought");

    public static readonly UnionCodec<AttachmentCommand> Commands = new UnionCodec<AttachmentCommand>().Case<AttachmentCommand.Keep>("attachment.keep").Case<AttachmentCommand.Bring>("attachment.bring").Case<AttachmentCommand.Tick>("attachment.tick");

    public static Entity<AttachmentState, AttachmentCommand, AttachmentEvent> Entity { get; } = new(Kind)
    {
        Events = Events,
        Commands = Commands,
        Answers = new UnionCodec<object>().Case<AttachmentView>("answer.attachment"),
        Snapshots = new(1, static s => JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.View, s.Today), StoredJson.Options), Restore),
        Initial = static stream => new AttachmentState(stream, null, null),
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
        AttachmentCommand.Bring c => Brought(state, c, context),
        AttachmentCommand.Keep c => Kept(state, new(c.MediaType, c.Length) { Bytes = c.Bytes }, context),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    private static Decided Kept(AttachmentState state, AttachmentEvent.Kept kept, Context context) => Decided.Accept(state.Evolve(kept, context.Now).View!, kept);

    private static Decided Brought(AttachmentState state, AttachmentCommand.Bring c, Context context)
    {
        var today = AttachmentDay.Of(state.Today, context.Now);
        if (today.Hashes.Contains(c.Hash)) return Decided.Accept(Nothing.Value);

        return today.Hashes.Count < AttachmentLimits.FilesOfDay && today.Bytes + c.Length <= AttachmentLimits.BytesOfDay
            ? Decided.Accept(Nothing.Value, new AttachmentEvent.Brought(c.Hash, c.Length)) : Decided.Reject(AttachmentRejection.EnoughToday(context.Now));
    }

    private static AttachmentState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.View, s.Today);
    }

    private sealed record Saved(string Stream, AttachmentView? View, AttachmentDay? Today = null);
}

/// <param name="View">Null: nothing is kept under its hash.</param>
/// <param name="Today">What was brought on the newest day; only of the stream that counts (<see cref="AttachmentIds.Counting"/>).</param>
public sealed record AttachmentState(StreamId Stream, AttachmentView? View, AttachmentDay? Today)
{
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, OwnedIds.UserOf(Stream.Id));

    public AttachmentState Evolve(AttachmentEvent happened, DateTimeOffset at) => happened switch
    {
        AttachmentEvent.Kept e => this with { View = new(AttachmentIds.HashOf(Stream.Id), e.MediaType, e.Length, at) },
        AttachmentEvent.Brought e => this with { Today = AttachmentDay.Of(Today, at).With(e) },
        _ => throw new UnreachableException(happened.GetType().Name),
    };
}

/// <summary>What a user's agent has brought on a day, by UTC.</summary>
public sealed record AttachmentDay(DateOnly Day, long Bytes, IReadOnlyList<string> Hashes)
{
    public static AttachmentDay Of(AttachmentDay? newest, DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime) is var day && newest?.Day == day ? newest : new(day, 0, []);

    public AttachmentDay With(AttachmentEvent.Brought brought) => this with { Bytes = Bytes + brought.Length, Hashes = [.. Hashes, brought.Hash] };
}

public static class AttachmentLimits
{
    /// <summary>That an agent brings of one user in a day.</summary>
    public const int FilesOfDay = 200;
    public const long BytesOfDay = 128L << 20;
}

/// <summary>Why a file is not kept.</summary>
public static class AttachmentRejection
{
    public static Rejection EnoughToday(DateTimeOffset now) => new Rejection(
        Codes.RateLimited, "The agent has brought as many files of this user today as it may in a day.", RetryAfterSeconds: (int)Math.Ceiling((now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime).TotalSeconds), Retry: true);
}

/// <param name="Hash">SHA-256 of its bytes, in lower-case hexadecimal digits.</param>
/// <param name="Length">In bytes.</param>
public sealed record AttachmentView(string Hash, string MediaType, int Length, DateTimeOffset KeptAt);

/// <summary>Closed union; <see cref="Keep"/> is answered with <see cref="AttachmentView"/>.</summary>
public abstract record AttachmentCommand
{
    private AttachmentCommand()
    {
    }

    /// <summary>The same hash again is the same attachment, of the type that was said first.</summary>
    /// <param name="Bytes">As base64, in a JSON string.</param>
    public sealed record Keep(string MediaType, int Length, Personal Bytes) : AttachmentCommand;

    /// <summary>Counts one that is about to be kept: the same again on the same day counts once.</summary>
    public sealed record Bring(string Hash, int Length) : AttachmentCommand;

    public sealed record Tick : AttachmentCommand;
}

/// <summary>Closed union of what happens to an attachment.</summary>
public abstract record AttachmentEvent
{
    private AttachmentEvent()
    {
    }

    public sealed record Brought(string Hash, int Length) : AttachmentEvent;

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
    public static string Of(string hash, string agentId, string userId) => OwnedIds.Of($"{hash}-{OfAgents(agentId)}", userId);

    /// <summary>The stream that counts what an agent brings of a user.</summary>
    public static string Counting(string agentId, string userId) => OwnedIds.Of($"brought-{OfAgents(agentId)}", userId);

    private static string OfAgents(string agentId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(agentId)))[..AgentLength];

    public static string HashOf(string id) => id.Length > HashLength ? id[..HashLength] : id;

    public static bool IsHash(string text) => text.Length == HashLength && !text.AsSpan().ContainsAnyExcept("0123456789abcdef");
}
