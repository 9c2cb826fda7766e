using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Moves;

/// <summary>Who owns what is said: the stored names of the sides.</summary>
public static class MoveSides
{
    /// <summary>The older chat.</summary>
    public const string Old = "old";

    /// <summary>The older chat, and what is here is held against it.</summary>
    public const string Both = "both";

    /// <summary>Agora.</summary>
    public const string New = "new";

    public static IReadOnlyList<string> All { get; } = [Old, Both, New];
}

/// <summary>Ids: the agents that a user of the older chat is moved for, hashed, and the user; and hashes of its sessions.</summary>
public static class MoveIds
{
    private const int AgentLength = 32;

    /// <param name="agentId">The agents on the path of a session, root first, with &gt; between.</param>
    public static string Of(string agentId, string userId) => OwnedIds.Of(Hash(agentId)[..AgentLength], userId);

    /// <summary>A session's id lets whoever has it in, at the old side: so nothing here has it.</summary>
    public static string SessionOf(string oldId) => Hash(oldId);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <param name="Sessions">Hashes of ids at the old side.</param>
/// <param name="Whole">Of these, those that stand here as far as they were sent: only they are switched.</param>
/// <param name="SwitchedAt">Null: never.</param>
public sealed record MoveState(StreamId Stream, string Side, DateTimeOffset? SwitchedAt, ImmutableSortedSet<string> Sessions, ImmutableSortedSet<string> Whole)
{
    public static MoveState Initial(StreamId stream) => new(stream, MoveSides.Old, null, Set([]), Set([]));

    public static ImmutableSortedSet<string> Set(IEnumerable<string> sessions) => ImmutableSortedSet.CreateRange(StringComparer.Ordinal, sessions);

    public MoveView View => new(Side, SwitchedAt, Sessions.Count);

    public MoveState Evolve(MoveEvent happened, DateTimeOffset at) => happened switch
    {
        MoveEvent.Known e => this with { Sessions = Sessions.Add(e.Session), Whole = e.IsPart ? Whole : Whole.Add(e.Session) },
        MoveEvent.Came e => this with { Whole = Whole.Add(e.Session) },
        MoveEvent.Switched e => this with { Side = e.Side, SwitchedAt = at },
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    public void CheckInvariants()
    {
        Invariant.Check(Sessions.Count <= MoveLimits.Sessions, "moves_are_bounded");
        Invariant.Check(Whole.IsSubsetOf(Sessions), "what_came_is_known");
        Invariant.Check(MoveSides.All.Contains(Side), "a_side_is_known");
    }
}

/// <param name="Sessions">So many are known.</param>
public sealed record MoveView(string Side, DateTimeOffset? SwitchedAt, int Sessions);

/// <summary>Closed union; those about the side are answered with <see cref="MoveView"/>, the others with <see cref="Nothing"/>.</summary>
public abstract record MoveCommand
{
    private MoveCommand()
    {
    }

    /// <summary>A session of the user's is at the old side. It stays there until it has come.</summary>
    public sealed record Know(string Session) : MoveCommand;

    /// <summary>What the session has stands here.</summary>
    public sealed record Come(string Session) : MoveCommand;

    public sealed record Switch(string Side) : MoveCommand;

    public sealed record Get : MoveCommand;

    public sealed record Tick : MoveCommand;
}

/// <summary>Closed union of what happens while a user moves.</summary>
public abstract record MoveEvent
{
    private MoveEvent()
    {
    }

    /// <param name="IsPart">It has come when <see cref="Came"/> says so; false: it has already, as all had before that was asked.</param>
    public sealed record Known(string Session, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsPart = false) : MoveEvent;

    public sealed record Came(string Session) : MoveEvent;

    /// <param name="Sessions">So many were known: with the time, what a repeat under the same key is answered. 0 and null: it was written before that was kept.</param>
    public sealed record Switched(
        string Side, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Sessions = 0, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? At = null) : MoveEvent;
}
