using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Memories;

/// <summary>A book of memories. What they say is in the journal alone, so however much is kept the state is small.</summary>
/// <param name="Pinned">Those that are there, and whether each is pinned.</param>
/// <param name="Kept">How many were ever kept in it: a forgotten one makes no room, for its row stays.</param>
/// <param name="Bytes">Of all that was ever written in it: so many are read when it is opened.</param>
/// <param name="Preferences">Null: none were ever put here.</param>
public sealed record MemoryState(StreamId Stream, ImmutableSortedDictionary<Guid, bool> Pinned, int Kept, long Bytes, PreferencesState? Preferences = null)
{
    /// <summary>Its user stands in its id, so that its first row can be sealed, too.</summary>
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, MemoryIds.UserOf(Stream.Id));

    public static MemoryState Empty(StreamId stream) => new(stream, ImmutableSortedDictionary<Guid, bool>.Empty, 0, 0);

    public MemoryState Evolve(MemoryEvent happened) => happened switch
    {
        MemoryEvent.Kept e => this with { Pinned = Pinned.SetItem(e.MemoryId, e.Pinned), Kept = Kept + 1, Bytes = Bytes + e.Bytes },
        MemoryEvent.Edited e => this with { Pinned = Pinned.SetItem(e.MemoryId, e.Pinned), Bytes = Bytes + e.Bytes },
        MemoryEvent.Moved e => this with { Pinned = Pinned.SetItem(e.MemoryId, e.Pinned) },
        MemoryEvent.Forgotten e => this with { Pinned = Pinned.Remove(e.MemoryId) },
        MemoryEvent.Preferred e => this with { Preferences = new(e.Version, AreThere: true), Bytes = Bytes + e.Bytes },
        MemoryEvent.Unpreferred e => this with { Preferences = new(e.Version, AreThere: false) },
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    public static void CheckInvariants(MemoryState state)
    {
        Invariant.Check(state.Pinned.Count <= state.Kept && state.Kept <= Limits.MemoriesOfBook, "a_book_has_its_pages");
        Invariant.Check(state.Bytes <= Limits.MemoryBookBytes, "a_book_is_no_longer_than_is_read");
    }
}

/// <summary>Ids of books: <c>{number}:{whose}:{user}</c>; preferences have a word in the number's place.</summary>
public static class MemoryIds
{
    private const int WhoLength = 64;

    /// <param name="number">From 0 on: the next begins where one is full.</param>
    /// <param name="agents">On the session's path, root first, as a reply that is kept has them: in the id they are a hash, for a path is long.</param>
    public static string Of(int number, string agents, string userId) => Of(number.ToString("D3", CultureInfo.InvariantCulture), agents, userId);

    public static string OfPreferences(string agents, string userId) => Of("preferences", agents, userId);

    public static string UserOf(string id) => id.IndexOf(':') is var first and >= 0 && id.Length > first + WhoLength + 2 ? id[(first + WhoLength + 2)..] : "";

    private static string Of(string what, string agents, string userId) => $"{what}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(agents)))}:{userId}";
}
